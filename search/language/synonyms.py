"""Synonyms that the owner of a library writes down: `sneakers = trainers, running shoes`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

FILE = "synonyms.txt"  # in the library's folder
MOST = 4  # other ways to say one text

_SEPARATOR = re.compile(r"[,，、;；]")


def read_synonyms(text: str) -> dict[str, tuple[str, ...]]:
    """Each phrase and what else may be said for it. All of a line mean the same; lines of another
    form, and what follows a #, are nothing."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        said = _phrases(line.partition("#")[0])
        for phrase in said:
            others = tuple(other for other in said if other != phrase)
            found[phrase] = tuple(dict.fromkeys(found.get(phrase, ()) + others))
    return {phrase: others for phrase, others in found.items() if others}


def _phrases(line: str) -> list[str]:
    first, equals, others = line.replace("＝", "=").partition("=")
    given = [first, *_SEPARATOR.split(others)] if equals else []
    return list(filter(None, (" ".join(phrase.split()).casefold() for phrase in given)))


def otherwise(text: str, synonyms: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The text in other words, at most MOST of them."""
    return islice(_all(text, synonyms), MOST)


def _all(text: str, synonyms: Mapping[str, Sequence[str]]) -> Iterator[str]:
    low = text.casefold()
    for phrase, others in synonyms.items():
        if phrase in low:
            whole = re.compile(rf"(?<![a-z0-9]){re.escape(phrase)}(?![a-z0-9])")
            if whole.search(low):
                yield from (other.join(whole.split(low)) for other in others)
