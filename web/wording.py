"""What people read. The form is there in two languages, the rest of the page in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from search.filters import FILTERS, Phrase
from search.query import MAX_TEXT, MAX_WINDOW, Target

TARGETS = {
    Target.HYBRID: Phrase("All", "全部"),
    Target.IMAGE: Phrase("Picture only", "仅图片"),
    Target.CAPTION: Phrase("Caption only", "仅说明"),
    Target.WORDS: Phrase("Written words only", "仅文字"),
}

FORM = {
    "filters": Phrase("Filters", "筛选"),
    "target": Phrase("Match", "匹配"),
    "sort": Phrase("Order", "排序"),
    "apply": Phrase("Apply", "应用"),
    "remove": Phrase("Remove the filter {}", "移除筛选条件：{}"),
    "leave_out": Phrase("Leave out: {}", "去掉：{}"),
    "ranked": Phrase("everything, ranked", "全部图片，按相关度排序"),
}

# How a line was read; `{}` are the words.
READ = {
    "words": Phrase("{}", "{}"),
    "exact": Phrase("“{}”", "“{}”"),
    "not": Phrase("not {}", "不要{}"),
    "like": Phrase("like picture {}", "像图片 {}"),
    "unlike": Phrase("unlike picture {}", "不像图片 {}"),
}

# What a person reads about a parameter of the page's address that cannot be used.
PARAMETERS = {
    **{kind.name: kind.wrong.en for kind in FILTERS},
    "q": f"The words to find have at most {MAX_TEXT:,} characters",
    "target": "Match the picture, its caption, what is written about it, or all of these",
    "syntax": "Words are read in the query language, or plain as they stand",
    "collapse": "Pictures that are nearly the same are shown as one (duplicates) or each (none)",
    "sort": "Order by the best match, by date (newest or oldest first) or by price",
    "min_score": "The lowest score is a number from 0 to 1",
    "image_id": "There is no picture of that number",
    "offset": "There is no such page of results",
    "": f"Results go no further than the first {MAX_WINDOW:,} pictures",
    "cursor": "This address is not a page of the library",
    "relevance": "This address is not a page of results",
    "tag": "Searching by tag is not possible yet",
}

UNREADABLE_WORDS = "The words to find hold a character that cannot be searched for"

# What a program reads about a field; the placeholders are pydantic's.
FIELDS = {
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "is not of the form {pattern}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "list_type": "must be a list",
    "too_long": "at most {max_length} values",
    "too_short": "at least {min_length} values",
    "model_type": "must be an object",
    "value_error": "{error}",
    "invalid": "must be {expected}",
}


LANGUAGES = ("en", "zh")


def language() -> str:
    """That of the form: the one which the browser asks for first, of those that there are."""
    return request.accept_languages.best_match(LANGUAGES, default=LANGUAGES[0])


def fault_message(found: Mapping[str, Any]) -> str:
    """A fault that pydantic found, in words of ours."""
    return FIELDS.get(found["type"], "cannot be used").format(**found.get("ctx", {}))
