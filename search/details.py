"""What may stand beside a reason: a closed list of sentences of ours.

A decoder's own words are not for people ("cannot identify image file <_io.BytesIO object at ...>");
they go to the log. Whatever is not on this list, such as what an older version has stored, is not
shown.
"""

from __future__ import annotations

import errno
import os
import re

EMPTY = "the file is empty"
NOT_REGULAR = "not a regular file"
FOLDER = "a folder, with all below it"
ANOTHER = "another one is in its place"
NO_WORDS = "the captioner had no words for it"
NO_VECTOR = "the model gave no vector for it; setting precision float32, then --retry, may help"

_FIXED = frozenset({"", EMPTY, NOT_REGULAR, FOLDER, ANOTHER, NO_WORDS, NO_VECTOR}) | {
    os.strerror(number) for number in errno.errorcode
}
_MEASURED = re.compile(
    r"(over )?[0-9,]+ megapixels; at most [0-9]+( \(setting [a-z_]+\))?"
    r"|[0-9,]+ scans; at most [0-9]+"
    r"|more than [0-9.]+ (s|MB) \(setting [a-z_]+\)"
    r"|[A-Za-z0-9]{2,10} file"
)


def too_many_pixels(pixels: int | None, most: int, setting: str = "") -> str:
    """`pixels` None: more than `most`, nobody counted; `setting` names the limit."""
    limit = most // 1_000_000
    size = f"over {limit}" if pixels is None else f"{max(pixels // 1_000_000, limit + 1):,}"
    return f"{size} megapixels; at most {limit}" + (f" (setting {setting})" if setting else "")


def too_many_scans(scans: int, most: int) -> str:
    return f"{scans:,} scans; at most {most}"


def over_limit(amount: str, setting: str) -> str:
    """`amount` with its unit: "60 s"."""
    return f"more than {amount} (setting {setting})"


def format_of(name: str) -> str:
    """A format that is not read, by its name: "PSD file"."""
    return f"{name} file"


def own(detail: str) -> str:
    """`detail` if it is a sentence of ours, else nothing."""
    return detail if detail in _FIXED or _MEASURED.fullmatch(detail) else ""
