"""Fusing evidence of any kind into one order of images, exactly.

Which images have the best fused scores is found by Fagin's threshold algorithm (Fagin, Lotem,
Naor: "Optimal aggregation algorithms for middleware", 2003): fetch the best k of each list; nothing
that was not fetched can score more than the last ones of each together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import compress
from typing import Any

import numpy as np

from .calibration import Curve, Features, Floats
from .evidence import Evidence
from .records import Ids

CERTAIN = 3.0  # log-odds of what passes all conditions, where nothing else was asked for
FIRST_FETCH = 160

Loss = Callable[[Ids], Floats]  # of images: (n,)

CALLED = {"image": "picture"}  # what people call evidence, where it is not its name


@dataclass(frozen=True, slots=True)
class Ranking:
    """Images in order, best first; equal ones by id."""

    ids: Ids
    log_odds: Floats
    features: Features  # of these images
    total: int  # how many reach the floor

    def taken(self, which: Any) -> Ranking:
        """Of these the ones at some places: a slice, a mask or positions."""
        features = {name: values[which] for name, values in self.features.items()}
        return Ranking(self.ids[which], self.log_odds[which], features, self.total)

    def less(self, loss: Loss, floor: float) -> Ranking:
        """Without those that a loss brings below the floor."""
        odds = self.log_odds - loss(self.ids)
        kept = replace(self, log_odds=odds).taken(odds >= floor)
        return replace(kept, total=len(kept.ids))

    def ordered(self, keys: Mapping[int, int], ascending: bool) -> Ranking:
        """The same images by another key; equal ones by id."""
        sign = 1 if ascending else -1
        signed = np.array([sign * keys.get(id_, 0) for id_ in self.ids.tolist()])
        return self.taken(np.lexsort((self.ids, signed)))


def passing(ids: Ids) -> Ranking:
    """Images that are all that was asked for: nothing is said but conditions, and they hold."""
    return Ranking(ids, np.full(len(ids), CERTAIN), {}, len(ids))


def no_loss(ids: Ids) -> Floats:
    return np.zeros(len(ids))


def rank(
    evidence: Sequence[Evidence],
    curve: Curve,
    *,
    wanted: int,
    floor: float,
    allowed: Ids | None = None,
    at_first: int = FIRST_FETCH,
    loss: Loss = no_loss,
    counted: bool = True,
) -> Ranking:
    """The best `wanted` images at the least, and all that reach `floor` log-odds.

    Without a floor, `total` is the number of images that may be hits at all. `at_first`: how many
    of each list are fetched; if that is not enough, four times as many. `loss`: what images lose of
    the log-odds that the lists give them; none of it is negative, so the bound of the lists holds.
    Unless `counted`, `total` without a floor is left at what was found.
    """
    k = max(at_first, wanted + 1)
    while True:
        found = {one.name: one.best(k, allowed) for one in evidence}
        ids = np.unique(np.concatenate([list_.ids for list_ in found.values()]))
        features = {one.name: one.features(ids) for one in evidence}
        odds = curve.log_odds(features) - loss(ids)
        lasts = {name: list_.last for name, list_ in found.items() if not list_.exhausted}
        bound = curve.bound(lasts)
        certain = odds > bound
        enough = certain.sum() >= wanted if floor == -np.inf else bound < floor
        if enough or not lasts:
            keep = np.flatnonzero(certain & (odds >= floor))
            order = keep[np.lexsort((ids[keep], -odds[keep]))]
            every = counted and floor == -np.inf
            total = _reachable(evidence, curve, allowed) if every else len(keep)
            return Ranking(ids, odds, features, total).taken(order)
        k *= 4


def matched_by(curve: Curve, features: Features, floor: float) -> list[tuple[str, ...]]:
    """Of each image the evidence that would do alone, by its log-odds; else the strongest."""
    names = [CALLED.get(name, name) for name in features]
    alone = np.array(list(curve.alone(features).values()))
    named = alone >= floor
    strongest = np.arange(len(names))[:, None] == alone.argmax(0)
    named |= strongest & ~named.any(0)
    return [tuple(compress(names, which)) for which in named.T.tolist()]


def _reachable(evidence: Sequence[Evidence], curve: Curve, allowed: Ids | None) -> int:
    """How many images have evidence enough to be judged."""
    known = {one.name: one.known(allowed) for one in evidence}
    judged: Ids = np.empty(0, np.int64)
    for names in curve.least(known):
        ids = reduce(_both, (known[name] for name in names))
        if not np.array_equal(ids, judged):  # as where each picture has a caption
            judged = np.concatenate([judged, ids[~np.isin(ids, judged)]])
    return len(judged)


def _both(some: Ids, others: Ids) -> Ids:
    return some[np.isin(some, others)]
