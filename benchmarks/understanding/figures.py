"""Numbers with their intervals: 95%, by bootstrap over queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from evaluation.metrics import mean_with_interval

DRAWS = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: what was measured where, on how many queries, with its interval."""

    testset: str
    topic: str
    asked: str  # which kind of queries
    measure: str
    value: float
    low: float
    high: float
    queries: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where figures are of: all but measure and number."""

    testset: str
    topic: str
    asked: str

    def mean(self, measure: str, values: Sequence[float]) -> Figure:
        """Of one value a query."""
        bounds = mean_with_interval(values)
        return Figure(self.testset, self.topic, self.asked, measure, *bounds, len(values))

    def of(
        self, measure: str, answers: Sequence[T], work: Callable[[Sequence[T]], float]
    ) -> Figure:
        """Of a number that is no mean of one value a query: whole sets of queries are drawn."""
        chance, values = np.random.default_rng(0), []
        for _ in range(DRAWS):
            drawn = chance.integers(len(answers), size=len(answers))
            values.append(work([answers[place] for place in drawn]))
        known = [value for value in values if not np.isnan(value)] or [np.nan]
        low, high = np.quantile(known, [0.025, 0.975])
        found = (work(answers), float(low), float(high))
        return Figure(self.testset, self.topic, self.asked, measure, *found, len(answers))


def table(figures: Sequence[Figure]) -> str:
    """One line for each kind of queries that a topic asks of a set."""
    lines: dict[tuple[str, str, str, int], list[str]] = {}
    for f in figures:
        cell = f"{f.measure} {f.value:.3f} [{f.low:.3f}, {f.high:.3f}]"
        lines.setdefault((f.testset, f.topic, f.asked, f.queries), []).append(cell)
    return "\n".join(
        f"{testset:9s} {topic:9s} {asked:24s} n={count:<5d} {'  '.join(cells)}"
        for (testset, topic, asked, count), cells in lines.items()
    )
