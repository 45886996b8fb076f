"""Negation: words to stay away from are evidence of their own, which can only lower an image.

What is wanted is judged, and held against the line, as if nothing else had been said. Then each
image that shows the unwanted falls, the clear ones below any line, as does one of which the very
words are written. Where that begins is read off
the best images of the very question: among apples the red ones stand apart more clearly than in a
whole library (Otsu, "A threshold selection method from gray-level histograms", 1979).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .calibration import Curve, Floats
from .components import QueryEncoder
from .evidence import Evidence, Retriever
from .fulltext import NAME, forms
from .query import Query, Words
from .records import Ids

BEST = 20  # images, among which the unwanted is told apart
APART = 2.5  # log-odds between the means of two groups that are more than chance
LEAST, USUAL, MOST = -8.0, -4.0, -2.0  # log-odds of showing it, from which an image falls
STEEPNESS = 2.0  # log-odds that are lost for each one beyond that
SAID = 50.0  # log-odds that are lost where the very words are written: more than there can be

_NONE: Ids = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Negation:
    """Words to stay away from, as if they had been asked for."""

    evidence: Sequence[Evidence]
    curve: Curve
    weight: float
    said: Ids = field(default_factory=lambda: np.empty(0, np.int64))  # of which they are written

    def odds(self, ids: Ids) -> Floats:
        """(n,) log-odds of showing the unwanted."""
        return self.curve.log_odds({one.name: one.features(ids) for one in self.evidence})

    def loss(self, best: Ids) -> Callable[[Ids], Floats]:
        """What any images (n,) lose; `best` are the first ones of what is wanted."""
        begin = cut(self.odds(best))

        def lost(ids: Ids) -> Floats:
            shown = np.logaddexp(0, STEEPNESS * (self.odds(ids) - begin))
            return self.weight * np.where(np.isin(ids, self.said), SAID, shown)

        return lost


def negations(
    query: Query,
    retrievers: Sequence[Retriever],
    encoder: QueryEncoder,
    curve: Curve,
    holding: Callable[[Query], Ids | None] = lambda _: None,
) -> list[Negation]:
    """One for each of the words to stay away from. `holding`: ids of the images about which the
    words in quotes of a query are written."""
    asked = [one for one in retrievers if not query.evidence or one.name in query.evidence]
    made = []
    for term in query.unwanted:
        alone = replace(query, terms=(replace(term, weight=1.0, away=False),))
        components = encoder.components(alone.terms)
        evidence = [one.evidence(alone, components) for one in asked]
        made.append(Negation(evidence, curve, term.weight, _said(alone, term, holding)))
    return made


def _said(query: Query, term: Words, holding: Callable[[Query], Ids | None]) -> Ids:
    """Ids of the images about which these very words are written, where that is evidence."""
    asked = not query.evidence or NAME in query.evidence
    texts = [term.text] if term.exact else forms(term.text)
    exact = [replace(term, text=text, weight=1.0, away=False, exact=True) for text in texts]
    said = [holding(replace(query, terms=(one,))) for one in exact] if asked else []
    found: Ids = np.unique(np.concatenate([_NONE, *(ids for ids in said if ids is not None)]))
    return found


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
