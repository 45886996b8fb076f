"""The inverse of the reader: parts -> a line that is read as just these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ..errors import QueryError
from ..query import Image, Words, usual_weight
from ..records import Sort
from .conditions import Condition, name_of
from .lexicon import NOTHING, Lexicon
from .marks import quote
from .reader import read
from .reading import Part


def write(
    parts: Sequence[Part],
    lexicon: Lexicon = NOTHING,
    *,
    beside: bool = False,
) -> str:
    """Words stand as they are where that suffices, else as `text:"..."`.

    `lexicon` and `beside`: those which the line will be read with. Raises QueryError for what no
    line says, such as a picture that is no image of the library.
    """
    for line in _lines(parts, lexicon):
        if read(line, lexicon, beside=beside).parts == tuple(parts):
            return line
    raise QueryError("no line of words says this", "/query")


def _lines(parts: Sequence[Part], lexicon: Lexicon) -> Iterator[str]:
    """Which may say it. One text can stand without a sign, the longest if possible: of two, none
    could say where the one ends."""
    bare = [part for part in parts if isinstance(part, Words) and part.text in _ways(part)]
    longest = sorted(bare, key=lambda words: -len(words.text.split()))
    for unsigned in longest or parts[:1]:
        yield " ".join(_first(part, lexicon, unsigned=part == unsigned) for part in parts)
    yield " ".join(list(_ways(part))[-1] for part in parts)


def _first(part: Part, lexicon: Lexicon, *, unsigned: bool) -> str:
    """The first way that says it when it stands alone."""
    ways = list(_ways(part))
    if not unsigned and isinstance(part, Words) and ways[0] == part.text:
        ways = ways[1:]
    alone = (way for way in ways if read(way, lexicon).parts == (part,))
    return next(alone, ways[-1])


def _ways(part: Part) -> Iterator[str]:
    """Lines that may be read as it, the shortest first."""
    match part:
        case Sort():
            yield f"sort:{part.value}"
        case Condition(kind):
            yield f"{name_of(kind)}:{part.text}"
            yield f"{name_of(kind)}:{quote(part.text)}"
        case Image(id_):
            yield f"{_counting(part, signed=part.example)}like:{id_}"
        case Words(text):
            yield from _words(part, text)
        case _:
            raise QueryError("no line of words holds a picture", "/query")


def _words(part: Words, text: str) -> Iterator[str]:
    counting = _counting(part)
    if part.exact:
        yield counting + quote(text)
        return
    yield counting + text
    if not counting:
        yield f"+{text}"
    yield f"{counting}text:{quote(text)}"


def _counting(part: Words | Image, *, signed: bool = False) -> str:
    """Sign and weight, where they are not the usual ones."""
    sign = "-" if part.away else "+" if signed else ""
    return sign if part.weight == usual_weight(part) else f"{sign}{_number(part.weight)}:"


def _number(weight: float) -> str:
    return f"{Decimal(repr(weight)).normalize():f}"
