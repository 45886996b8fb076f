"""How a line was read, for the page: each part as something that can be taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from search.errors import QueryError
from search.language import Condition, Lexicon, Part, Reading, write
from search.query import Image, Words, usual_weight
from search.records import Sort
from search.sorting import ORDERS

from . import requests, wording
from .addresses import address


@dataclass(frozen=True, slots=True)
class Piece:
    """One part, in words, and the address of the question without it."""

    words: str
    without: str


@dataclass(frozen=True, slots=True)
class ReadLine:
    pieces: Sequence[Piece] = ()
    corrections: Sequence[tuple[str, str]] = ()  # typed, used
    as_typed: str = ""  # address of the question without them
    unknown: Sequence[str] = ()


def reading_of(
    asked: requests.PageParameters, reading: Reading, lexicon: Callable[[], Lexicon]
) -> ReadLine | None:
    """None where there is nothing to say: the line was taken as it stood."""
    pieces = () if _is_plain(reading) else tuple(_pieces(asked, reading, lexicon()))
    if not (pieces or reading.corrections or reading.unknown):
        return None
    return ReadLine(
        pieces,
        [(each.typed, each.used) for each in reading.corrections],
        _address(asked, reading.as_typed(), lexicon()) if reading.corrections else "",
        reading.unknown,
    )


def _is_plain(reading: Reading) -> bool:
    """One text, and nothing else; a frame around it may have gone."""
    match reading.parts:
        case () | (Words(exact=False, away=False, also=()),):
            return True
    return False


def _pieces(asked: requests.PageParameters, reading: Reading, lexicon: Lexicon) -> Iterator[Piece]:
    for part in reading.parts:
        yield Piece(_words(part), _address(asked, reading.without(part), lexicon))


def _address(asked: requests.PageParameters, parts: Sequence[Part], lexicon: Lexicon) -> str:
    """The page whose line says just these parts; a line that cannot be written is plain words."""
    try:
        return address(asked, q=write(parts, lexicon), offset=0)
    except QueryError:
        return address(asked, syntax="plain", offset=0)


def _words(part: Part) -> str:
    language = wording.language()
    match part:
        case Sort():
            return ORDERS[part].label.said(language).lower()
        case Condition(kind, value):
            return kind.said(value, language)
        case Words(text):
            said = wording.READ["exact"].said(language, text) if part.exact else text
            said = " / ".join([said, *part.also])
            named = "not" if part.away else "words"
        case Image(id_):
            said = f"{id_}"
            named = "unlike" if part.away else "like"
        case _:
            return ""
    said = wording.READ[named].said(language, said)
    return said if part.weight == usual_weight(part) else f"{said} × {part.weight:g}"
