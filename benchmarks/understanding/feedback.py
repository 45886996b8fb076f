"""Do marks help? Pictures of the first page are marked by what they show; the rest is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.metrics import capped_precision_at
from evaluation.queries import general, labels
from evaluation.testsets import Question
from search.query import Query
from search.requests import terms

from .case import Case
from .figures import Figure, Place

PAGE = 48
FIRST = 20
MARKS = ((3, 3), (0, 3), (3, 0), (1, 0), (0, 1))  # good, bad


@dataclass(frozen=True, slots=True)
class Marked:
    """A question, what it found, and which of that is marked."""

    question: Question
    before: Sequence[int]
    good: Sequence[int]
    bad: Sequence[int]

    def precision(self, rows: Sequence[int]) -> float:
        marks = {*self.good, *self.bad}
        left = [row for row in rows if row not in marks]
        return capped_precision_at(FIRST, left, self.question.right - marks)


def figures(case: Case) -> Iterator[Figure]:
    asked = labels(case.testset, "en") + general(case.testset, "en")
    found = [case.first(Query(terms(one.text)), PAGE) for one in asked]
    for good, bad in MARKS:
        some = [_marked(*pair, good, bad) for pair in zip(asked, found, strict=True)]
        marked = [one for one in some if one]
        if not marked:
            continue
        before = [one.precision(one.before) for one in marked]
        after = [one.precision(_again(case, one)) for one in marked]
        changed = [b - a for a, b in zip(before, after, strict=True)]
        place = Place(case.name, "feedback", f"{good} good, {bad} bad")
        yield place.mean("before P@20", before)
        yield place.mean("after", after)
        yield place.mean("gain", changed)


def _marked(asked: Question, found: list[int], good: int, bad: int) -> Marked | None:
    """None where the page has not so many of both, or nothing is left to find."""
    drawn = np.random.default_rng(0).permutation(found).tolist()
    right = [row for row in drawn if row in asked.right][:good]
    wrong = [row for row in drawn if row not in asked.right][:bad]
    enough = len(right) == good and len(wrong) == bad and len(asked.right) > good
    return Marked(asked, found, right, wrong) if enough else None


def _again(case: Case, one: Marked) -> list[int]:
    more, less = ([case.ids[row] for row in rows] for rows in (one.good, one.bad))
    return case.first(Query(terms(one.question.text, more_like=more, less_like=less)), PAGE)
