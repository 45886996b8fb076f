"""Judging: how the images of a library are judged for one query, and what that says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from . import ranking
from .calibration import Calibration, Curve, Floats, Yardstick
from .evidence import Evidence
from .negation import BEST, Negation, loss_of
from .query import Query, Words
from .ranking import Loss, Ranking, no_loss
from .records import Ids, Relevance
from .threshold import CROWD, PLAIN, Threshold, threshold_of


@dataclass(frozen=True)
class Judging:
    """Its threshold hangs on the whole library: an image keeps its score whatever is filtered."""

    evidence: Sequence[Evidence]  # that was asked for
    curve: Curve
    yardstick: Yardstick | None  # of words alone, where one was fitted
    unwanted: Sequence[Negation]
    images: int  # in the library
    loss: Loss = no_loss  # of all that is asked, beside what is unwanted

    @classmethod
    def of(
        cls,
        query: Query,
        evidence: Sequence[Evidence],
        unwanted: Sequence[Negation],
        calibration: Calibration,
        images: int,
        loss: Loss = no_loss,
    ) -> Judging:
        asked = [one for one in evidence if not query.evidence or one.name in query.evidence]
        curve, yardstick = calibration.curve, None
        if calibration.words and query.wanted and all(isinstance(t, Words) for t in query.wanted):
            curve = calibration.words
            yardstick = calibration.yardstick(one.name for one in asked)
        return cls(asked, curve, yardstick, unwanted, images, loss)

    @cached_property
    def threshold(self) -> Threshold:
        if self.yardstick is None:
            return PLAIN
        return threshold_of(self.yardstick, self._best.log_odds, self.images)

    def rank(self, wanted: int, score: float, allowed: Ids | None) -> Ranking:
        """The best `wanted` images at the least, and all with this score or more."""
        floor = self.threshold.floor(score)
        if self.yardstick and allowed is None and not self.unwanted and floor > self._last:
            found = self._best.less(self.loss, floor)
            return found.taken(np.lexsort((found.ids, -found.log_odds)))
        rank = partial(ranking.rank, self.evidence, self.curve, allowed=allowed)
        if not self.unwanted:
            return rank(wanted=wanted, floor=floor, loss=self.loss)
        best = rank(wanted=BEST, floor=-np.inf, counted=False, allowed=None).ids[:BEST]
        unlike = loss_of(self.unwanted, best)
        return rank(wanted=wanted, floor=floor, loss=lambda ids: unlike(ids) + self.loss(ids))

    def passing(self, ids: Ids, score: float) -> Ranking:
        """Of images that meet all conditions, where nothing else was asked for."""
        loss = loss_of(self.unwanted, self._any)
        return ranking.passing(ids).less(loss, self.threshold.floor(score))

    def scores(self, ranked: Ranking) -> Floats:
        return self.threshold.scores(ranked.log_odds)

    def relevance(self, score: float) -> Relevance:
        return self.threshold.relevance(score)

    def matched_by(self, ranked: Ranking) -> list[tuple[str, ...]]:
        if not ranked.features:
            return [()] * len(ranked.ids)
        floor = min(self.threshold.floor(self.threshold.weak), np.finfo(float).max)
        return ranking.matched_by(self.curve, ranked.features, floor)

    @cached_property
    def _best(self) -> Ranking:
        """Of the whole library, as if nothing were lost or unwanted."""
        wanted = CROWD + 1
        return ranking.rank(self.evidence, self.curve, wanted=wanted, floor=-np.inf, counted=False)

    @property
    def _any(self) -> Ids:
        """A few images from all over the library, whatever is filtered."""
        known = [one.known(None) for unwanted in self.unwanted for one in unwanted.evidence]
        ids = np.unique(np.concatenate([np.empty(0, np.int64), *known]))
        return ids[:: len(ids) // BEST + 1]

    @property
    def _last(self) -> float:
        """Every image with more log-odds is among the best."""
        return float(self._best.log_odds[-1]) if len(self._best.ids) else np.inf
