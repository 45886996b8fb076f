"""Does "not" take out what is not wanted, and nothing else?"""

from __future__ import annotations

from collections.abc import Iterator

from evaluation.metrics import capped_precision_at
from search.query import Query
from search.requests import terms

from .case import Case
from .figures import Figure, Place
from .pairs import Pair, pairs

FIRST = 10
LOOKED_AT = 100  # to fill these without what nobody knows


def figures(case: Case) -> Iterator[Figure]:
    asked = pairs(case.testset)
    for kind, some in (("colours", [p for p in asked if p.is_colour]), ("all", asked)):
        if some:
            yield from _figures(case, f"thing, {kind}", some, negated=False)
            yield from _figures(case, f"thing --not, {kind}", some, negated=True)


def _figures(case: Case, asked: str, some: list[Pair], *, negated: bool) -> Iterator[Figure]:
    queries = [Query(terms(p.thing, negative=p.mark if negated else None)) for p in some]
    first = [
        [row for row in case.first(query, LOOKED_AT) if row not in pair.unsure][:FIRST]
        for query, pair in zip(queries, some, strict=True)
    ]
    passing = [set(case.ask(query).found) for query in queries]
    place = Place(case.name, "negation", asked)
    yield place.mean(
        "unwanted in 10",
        [len(pair.having & set(rows)) / FIRST for rows, pair in zip(first, some, strict=True)],
    )
    yield place.mean(
        "wanted P",
        [capped_precision_at(FIRST, rows, p.without) for rows, p in zip(first, some, strict=True)],
    )
    for name, chosen in (("wanted hits", "without"), ("unwanted hits", "having")):
        sides = [getattr(pair, chosen) for pair in some]
        shares = [len(side & rows) / len(side) for side, rows in zip(sides, passing, strict=True)]
        yield place.mean(name, shares)
