"""Negation: words to stay away from are evidence of their own, which can only lower an image.

What is wanted is judged, and held against the line, as if nothing else had been said. Then each
image that shows the unwanted falls, the clear ones below any line. Where that begins is read off
the best images of the very question: among apples the red ones stand apart more clearly than in a
whole library (Otsu, "A threshold selection method from gray-level histograms", 1979).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .calibration import Curve, Floats
from .components import QueryEncoder
from .evidence import Evidence, Retriever
from .query import Query
from .records import Ids

BEST = 20  # images, among which the unwanted is told apart
APART = 2.5  # log-odds between the means of two groups that are more than chance
LEAST, USUAL, MOST = -8.0, -4.0, -2.0  # log-odds of showing it, from which an image falls
STEEPNESS = 2.0  # log-odds that are lost for each one beyond that


@dataclass(frozen=True, slots=True)
class Negation:
    """Words to stay away from, as if they had been asked for."""

    evidence: Sequence[Evidence]
    curve: Curve
    weight: float

    def odds(self, ids: Ids) -> Floats:
        """(n,) log-odds of showing the unwanted."""
        return self.curve.log_odds({one.name: one.features(ids) for one in self.evidence})

    def loss(self, best: Ids) -> Callable[[Ids], Floats]:
        """What any images (n,) lose; `best` are the first ones of what is wanted."""
        begin = cut(self.odds(best))
        return lambda ids: self.weight * np.logaddexp(0, STEEPNESS * (self.odds(ids) - begin))


def negations(
    query: Query, retrievers: Sequence[Retriever], encoder: QueryEncoder, curve: Curve
) -> list[Negation]:
    """One for each of the words to stay away from."""
    asked = [one for one in retrievers if not query.evidence or one.name in query.evidence]
    made = []
    for term in query.unwanted:
        alone = replace(query, terms=(replace(term, weight=1.0, away=False),))
        components = encoder.components(alone.terms)
        evidence = [one.evidence(alone, components) for one in asked]
        made.append(Negation(evidence, curve, term.weight))
    return made


def loss_of(unwanted: Sequence[Negation], best: Ids) -> Callable[[Ids], Floats]:
    """By all of them together."""
    losses = [one.loss(best) for one in unwanted]
    return lambda ids: np.sum([loss(ids) for loss in losses], axis=0)


def cut(odds: Floats) -> float:
    """Where images that show something begin, if some of them do."""
    rising = np.sort(odds[np.isfinite(odds)])
    if len(rising) < 2:
        return USUAL
    below = np.arange(1, len(rising))
    above = len(rising) - below
    sums = rising.cumsum()
    lower, upper = sums[:-1] / below, (sums[-1] - sums[:-1]) / above
    place = int((below * above * (upper - lower) ** 2).argmax())
    middle = float(rising[place : place + 2].mean())
    clear = upper[place] - lower[place] >= APART
    return min(max(middle, LEAST if clear else USUAL), MOST)
