"""How the text of a file is written: UTF-8, UTF-16 or GB18030, by its bytes alone."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from .rows import FeedError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AT_ONCE = 1 << 20  # bytes
_PAIRS = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_COMMON = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")  # what Chinese texts are made of
_MOSTLY = 0.9


def encoding_of(path: Path, wanted: str | None = None) -> str:
    """The codec for this file. `wanted`: the one that a person named.

    Raises FeedError where the bytes are of none that can be told apart safely.
    """
    if wanted is not None:
        return _named(path, wanted)
    with path.open("rb") as file:
        head = file.read(_AT_ONCE)
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec
    if head.count(0) * 20 > len(head):  # a text has none; one of two bytes has many
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _is_chinese(head) and _decodes(path, "gb18030"):
        return "gb18030"
    raise FeedError(
        f"{path}: its text is not UTF-8, UTF-16 or GB18030. Save it as UTF-8, or name how it is "
        "written, for example --encoding cp1252."
    )


def _named(path: Path, wanted: str) -> str:
    try:
        codecs.lookup(wanted)
        good = _decodes(path, wanted)
    except LookupError:
        raise FeedError(f"{wanted!r} is not an encoding; try utf-8, gb18030 or cp1252") from None
    if not good:
        raise FeedError(f"{path}: its text is not written in {wanted}")
    return wanted


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as file:
        try:
            while some := file.read(_AT_ONCE):
                decoder.decode(some)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _is_chinese(head: bytes) -> bool:
    """A letter with an accent and what follows it is a pair too, but a rare one."""
    pairs = _PAIRS.findall(head)
    common = sum(_COMMON.fullmatch(pair) is not None for pair in pairs)
    return bool(pairs) and common >= _MOSTLY * len(pairs)
