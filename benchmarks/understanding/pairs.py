"""Things of which some have a mark and others not: a colour, a kind, something beside them.

Of labels "Granny Smith apple" is an apple of a kind; query tags name the colours of more. Of
captions a thing has a mark if two people name both; if one does, nobody knows.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.testsets import Row, Testset
from search.colour_words import COLOURS

FEWEST = 3  # pictures with the mark, and without it
FEWEST_SCENES = 10
MOST = 40  # pairs of a captioned set
THINGS = (
    "dog",
    "man",
    "woman",
    "boy",
    "girl",
    "child",
    "people",
    "beach",
    "snow",
    "water",
    "grass",
)
MARKS = (*THINGS, "street", "ball", "bike", *COLOURS)


@dataclass(frozen=True, slots=True)
class Pair:
    """`having` the mark and `without` it are rows; what is in neither is no such thing."""

    thing: str
    mark: str
    having: frozenset[int]
    without: frozenset[int]
    unsure: frozenset[int]

    @property
    def is_colour(self) -> bool:
        return self.mark in COLOURS


def pairs(testset: Testset) -> list[Pair]:
    """Some of captions, all of labels."""
    if not testset.captioned:
        return list(_of_labels(testset.rows))
    found = _of_captions(testset.rows)
    return sorted(found, key=lambda p: hashlib.sha1(f"{p.thing} {p.mark}".encode()).digest())[:MOST]


def _of_labels(rows: list[Row]) -> Iterator[Pair]:
    names = [_names(row) for row in rows]
    things = Counter(name.rpartition(" ")[2] for said in names for name in said if " " in name)
    for thing in sorted(things):
        showing = {row for row, said in enumerate(names) if any(_is(name, thing) for name in said)}
        marks = {row: {_mark(name, thing) for name in names[row]} - {""} for row in showing}
        for mark in sorted({mark for some in marks.values() for mark in some}):
            having = frozenset(row for row in showing if mark in marks[row])
            unsure = frozenset(row for row in showing - having if _perhaps(marks[row], mark))
            pair = Pair(thing, mark, having, frozenset(showing) - having - unsure, unsure)
            if min(len(pair.having), len(pair.without)) >= FEWEST:
                yield pair


def _names(row: Row) -> list[str]:
    """ "or" says that a label is of several things."""
    named = [str(row.get("label") or ""), *row.get("query_tags", [])]
    return [name for name in named if name and "or" not in name.split()]


def _is(name: str, thing: str) -> bool:
    return name == thing or name.endswith(f" {thing}")


def _mark(name: str, thing: str) -> str:
    """A "red bell pepper" is a red pepper."""
    mark = name[: -len(thing)].strip()
    first = mark.partition(" ")[0]
    return first if first in COLOURS else mark


def _perhaps(marks: set[str], mark: str) -> bool:
    """Of a colour: where none is told, or one that lies between."""
    return mark in COLOURS and (not marks & COLOURS.keys() or any(mark in one for one in marks))


def _of_captions(rows: list[Row]) -> Iterator[Pair]:
    told = [Counter(word for said in row["captions"] for word in _words(said)) for row in rows]
    for thing in THINGS:
        showing = {row for row, said in enumerate(told) if said[thing] >= 2}
        for mark in MARKS:
            having = frozenset(row for row in showing if told[row][mark] >= 2)
            unsure = frozenset(row for row in showing if told[row][mark] == 1)
            pair = Pair(thing, mark, having, frozenset(showing) - having - unsure, unsure)
            if mark != thing and min(len(having), len(pair.without)) >= FEWEST_SCENES:
                yield pair


def _words(said: str) -> set[str]:
    return set(re.findall("[a-z]+", said.lower()))
