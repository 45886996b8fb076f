"""Judging: how the images of a library are judged for one query, and what that says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from . import ranking
from .calibration import AddedFirst, Calibration, Curve, Floats, Yardstick, floor_of
from .evidence import Evidence
from .negation import BEST, Negation, loss_of
from .query import Query, Words
from .ranking import Loss, Ranking, no_loss
from .records import Ids, Relevance
from .threshold import CROWD, DOUBT, PLAIN, WEAK, WRITTEN, Threshold, threshold_of


@dataclass(frozen=True)
class Judging:
    """Its threshold hangs on the whole library: an image keeps its score whatever is filtered."""

    evidence: Sequence[Evidence]  # that was asked for
    fitted: Curve
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
        return WRITTEN if self._by_writing else self._shown

    @cached_property
    def curve(self) -> Curve:
        """By which images are judged."""
        if not self._by_writing:
            return self.fitted
        behind = self._shown.peak - floor_of(WEAK) + 1.0  # so that no picture is a hit
        return AddedFirst(self.fitted.sums, self.fitted.added, behind=behind, doubt=DOUBT)

    def rank(self, wanted: int, score: float, allowed: Ids | None) -> Ranking:
        """The best `wanted` images at the least, and all with this score or more."""
        floor = self.threshold.floor(score)
        if self._is_best and allowed is None and not self.unwanted and floor > self._last:
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
    def _shown(self) -> Threshold:
        """By what pictures show."""
        if self.yardstick is None:
            return PLAIN
        return threshold_of(self.yardstick, self._best.log_odds, self.images)

    @property
    def _by_writing(self) -> bool:
        """Whether the pictures answer nothing, and something is written that may."""
        return self._shown.shut and self._is_written

    @cached_property
    def _is_written(self) -> bool:
        added = (one for one in self.evidence if one.name in self.fitted.added)
        return any(len(one.best(1, None).ids) for one in added)

    @property
    def _is_best(self) -> bool:
        """Whether the best by what pictures show are the best of all."""
        return self.yardstick is not None and not self._is_written

    @cached_property
    def _best(self) -> Ranking:
        """Of the whole library by what pictures show, as if nothing were lost or unwanted."""
        shown = [one for one in self.evidence if one.name not in self.fitted.added]
        return ranking.rank(shown, self.fitted, wanted=CROWD + 1, floor=-np.inf, counted=False)

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
