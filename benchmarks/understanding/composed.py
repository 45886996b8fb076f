"""A picture and words: does "but red" change the colour, and does "red apple" find red apples?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.metrics import capped_precision_at
from search.colour_words import COLOURS
from search.query import Query
from search.requests import terms

from .case import Case
from .figures import Figure, Place
from .pairs import Pair, pairs

FIRST = 10
LOOKED_AT = 100
PICTURES = 5  # of each colour that something has, to begin from


@dataclass(frozen=True, slots=True)
class Change:
    """A picture of a thing in another colour than the wanted one."""

    picture: int  # its row
    wanted: Pair


def figures(case: Case) -> Iterator[Figure]:
    found = changes(pairs(case.testset)) if not case.testset.captioned else []
    if not found:
        return
    for asked, text, with_picture in (
        ("words alone", "{colour} {thing}", False),
        ("picture, but red", "but {colour}", True),
        ("picture, 但是要红色的", "但是要{zh}色的", True),
        ("picture, red apple", "{colour} {thing}", True),
    ):
        values = [_precision(case, change, text, with_picture) for change in found]
        yield Place(case.name, "composed", asked).mean("P@10", values)


def changes(found: list[Pair]) -> list[Change]:
    coloured = [pair for pair in found if pair.is_colour]
    return [
        Change(row, wanted)
        for wanted in coloured
        for other in coloured
        if other.thing == wanted.thing and other is not wanted
        for row in sorted(other.having - wanted.having - wanted.unsure)[:PICTURES]
    ]


def _precision(case: Case, change: Change, text: str, with_picture: bool) -> float:
    wanted = change.wanted
    colour = wanted.mark
    said = text.format(colour=colour, thing=wanted.thing, zh=COLOURS[colour].removesuffix("色"))
    image = case.ids[change.picture] if with_picture else None
    found = case.first(Query(terms(said, image_id=image)), LOOKED_AT)
    rows = [row for row in found if row not in wanted.unsure and row != change.picture]
    return capped_precision_at(FIRST, rows, wanted.having)
