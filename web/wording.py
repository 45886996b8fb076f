"""What people read: filters and formats in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from search.query import MAX_TEXT, MAX_WINDOW, Target
from search.records import Orientation, Sort
from search.signatures import SUPPORTED

from . import limits

TARGETS = {
    Target.HYBRID: "Both",
    Target.IMAGE: "Picture only",
    Target.CAPTION: "Caption only",
}

ORIENTATIONS = {
    Orientation.LANDSCAPE: "Landscape",
    Orientation.PORTRAIT: "Portrait",
    Orientation.SQUARE: "Square",
}

SORTS = {
    Sort.RELEVANCE: "Best match first",
    Sort.NEWEST: "Newest first",
    Sort.OLDEST: "Oldest first",
}

# What a person reads about a parameter of the page's address that cannot be used.
PARAMETERS = {
    "q": f"The words to find have at most {MAX_TEXT:,} characters",
    "taken_after": '"Taken since" is not a date; write 2024-06-30',
    "taken_before": '"Taken before" is not a date; write 2024-06-30',
    "collection": "There is no collection of that name",
    "folder": "That is not a folder; write 2024/summer",
    "orientation": "A shape is landscape, portrait or square",
    "format": f"A format is one of {', '.join(SUPPORTED)}",
    "target": "Match the picture, its caption, or both",
    "sort": "Order by the best match, or by date: newest or oldest first",
    "min_score": "The lowest score is a number from 0 to 1",
    "image_id": "There is no picture of that number",
    "offset": "There is no such page of results",
    "": f"Results go no further than the first {MAX_WINDOW:,} pictures",
    "cursor": "This address is not a page of the library",
    "relevance": "This address is not a page of results",
    "tag": "Searching by tag is not possible yet",
    "colour": "Searching by colour is not possible yet",
    "attributes": "Searching by attributes is not possible yet",
    "price": "Searching by price is not possible yet",
}

UNREADABLE_WORDS = "The words to find hold a character that cannot be searched for"

# What a person reads about a request that is refused as a whole.
DETAILS = {"payload_too_large": f"A picture may have at most {limits.PICTURE}"}

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
}


def fault_message(found: Mapping[str, Any]) -> str:
    """A fault that pydantic found, in words of ours."""
    return FIELDS.get(found["type"], "cannot be used").format(**found.get("ctx", {}))


HEADINGS = {
    "not_found": "Not found",
    "changed": "The file has changed",
    "model_loading": "Just a moment",
    "no_library": "There is no library yet",
    "overloaded": "Too many searches at once",
    "index_damaged": "The library needs repair",
    "payload_too_large": "That is too large",
    "undecodable_image": "That picture cannot be read",
    "image_too_large": "That picture is too large",
    "validation_error": "That does not work",
    "internal": "Something went wrong",
}
