"""Fusing the evidence of both spaces into one calibrated relevance, exactly.

A cosine means nothing by itself: 0.3 is much for words against pictures and little for pictures
against pictures, and it differs from query to query. So each component is measured against its
background, the mean and spread of its inner products with the whole library (from the index's
first two moments, without a pass over it). These z-scores add up over components and over spaces,
and a logistic curve, fitted once for a model, turns the sum into a probability of being relevant.

Which images have the best fused scores is found by Fagin's threshold algorithm (Fagin, Lotem,
Naor: "Optimal aggregation algorithms for middleware", 2003): fetch the best k of each space;
nothing that was not fetched can score more than the last ones of each together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .interfaces import VectorIndex
from .query import Component
from .records import Ids, Relevance, Space, Target, Vectors

Floats = NDArray[np.float64]

STRONG = 0.5  # probability from which a hit counts as strong
WEAK = 0.15  # and from which it counts at all
PRIOR_IMAGES = 30  # how many images the prior background weighs like
FIRST_FETCH = 128


class MeasuredIndex(VectorIndex, Protocol):
    def moments(self) -> tuple[int, Floats, Floats]: ...


@dataclass(frozen=True, slots=True)
class Prior:
    """The background of one kind of component in one space, for a library too small to tell."""

    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log-odds of being relevant, from z-scores; fitted by `python -m training.calibrate`.

    hybrid: bias, weight of the image space, weight of the caption space; the others: bias, weight.
    """

    hybrid: tuple[float, float, float] = (-6.0, 1.2, 0.8)
    image: tuple[float, float] = (-6.0, 2.0)
    caption: tuple[float, float] = (-6.0, 2.0)
    priors: dict[str, Prior] = field(
        default_factory=lambda: {
            "text-image": Prior(0.05, 0.12),
            "text-caption": Prior(0.15, 0.2),
            "image-image": Prior(0.15, 0.2),
            "image-caption": Prior(0.05, 0.12),
        }
    )

    def log_odds(self, target: Target, z_image: Floats, z_caption: Floats) -> Floats:
        """Rises with both; an image that has no caption (NaN) is judged by its picture alone."""
        by_image = self.image[0] + self.image[1] * z_image
        by_caption = self.caption[0] + self.caption[1] * z_caption
        if target is Target.IMAGE:
            return by_image
        if target is Target.CAPTION:
            return np.where(np.isnan(z_caption), -np.inf, by_caption)
        bias, image, caption = self.hybrid
        both = bias + image * z_image + caption * z_caption
        return np.where(np.isnan(z_caption), by_image, both)


@dataclass(frozen=True, slots=True)
class View:
    """One space as one query sees it: `z(x) = vector . x - offset`."""

    index: MeasuredIndex
    vector: Vectors
    offset: float

    @classmethod
    def of(
        cls,
        index: MeasuredIndex,
        space: Space,
        components: Sequence[Component],
        calibration: Calibration,
    ) -> View:
        n, mean, covariance = index.moments()
        vector, offset = np.zeros(len(mean)), 0.0
        for part in components:
            prior = calibration.priors[f"{'text' if part.is_text else 'image'}-{space.value}"]
            q = part.vector.astype(np.float64)
            middle = _shrunk(n, float(q @ mean), prior.mean)
            spread = _shrunk(n, max(0.0, float(q @ covariance @ q)), prior.std**2) ** 0.5
            vector += part.weight / spread * q
            offset += part.weight / spread * middle
        length = sum(part.weight**2 for part in components if part.weight > 0) ** 0.5 or 1.0
        return cls(index, (vector / length).astype(np.float32), offset / length)

    def best(self, k: int, allowed: Ids | None) -> tuple[Ids, float, bool]:
        """Ids of the best k, the z-score of the last one, and whether there are no more."""
        scores, ids = self.index.search(self.vector, k, allowed)
        last = float(scores[-1]) - self.offset if len(scores) else -np.inf
        return ids, last, len(ids) < k

    def z(self, ids: Ids) -> Floats:
        return self.index.scores(self.vector, ids).astype(np.float64) - self.offset

    def cosines(self, ids: Ids) -> Vectors:
        """Of the composed query vector with these images."""
        length = float(np.linalg.norm(self.vector)) or 1.0
        return self.index.scores((self.vector / length).astype(np.float32), ids)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Images in order of log-odds, best first, equal ones by id."""

    ids: Ids
    log_odds: Floats
    total: int  # how many reach the floor

    @property
    def probabilities(self) -> Floats:
        return probability(self.log_odds)


def probability(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(log_odds, -50, 50)))


def floor_of(minimum: float) -> float:
    """The log-odds of a probability; 0 means no floor at all."""
    return float(np.log(minimum / (1 - minimum))) if 0 < minimum < 1 else -np.inf


def relevance(score: float) -> Relevance:
    if score >= STRONG:
        return Relevance.STRONG
    return Relevance.WEAK if score >= WEAK else Relevance.NONE


def rank(
    image: View,
    caption: View,
    calibration: Calibration,
    target: Target,
    *,
    wanted: int,
    floor: float,
    allowed: Ids | None = None,
) -> Ranking:
    """The best `wanted` images at the least, and all that reach `floor` log-odds.

    Without a floor, `total` is the number of images that may be hits at all.
    """
    views = {Target.IMAGE: [image], Target.CAPTION: [caption]}.get(target, [image, caption])
    k = max(FIRST_FETCH, wanted + 1)
    while True:
        fetched = [view.best(k, allowed) for view in views]
        ids = np.unique(np.concatenate([found for found, _, _ in fetched]))
        odds = calibration.log_odds(target, image.z(ids), caption.z(ids))
        exhausted = fetched[0][2]
        bound = -np.inf if exhausted else _bound(calibration, target, [z for _, z, _ in fetched])
        certain = odds > bound
        enough = certain.sum() >= wanted if floor == -np.inf else bound < floor
        if exhausted or enough:
            keep = certain & (odds >= floor)
            order = np.lexsort((ids[keep], -odds[keep]))
            total = int(keep.sum()) if floor > -np.inf else _reachable(views[0], allowed)
            return Ranking(ids[keep][order], odds[keep][order], total)
        k *= 4


def _bound(calibration: Calibration, target: Target, last: Sequence[float]) -> float:
    """No image that was not fetched can have more log-odds than this."""
    first, other = np.array([last[0]]), np.array([last[-1]])
    if target is Target.CAPTION:
        return float(calibration.log_odds(target, first, first)[0])
    alone = calibration.log_odds(target, first, np.array([np.nan]))
    both = calibration.log_odds(target, first, other)
    return float(np.fmax(alone, both)[0])


def _reachable(view: View, allowed: Ids | None) -> int:
    if allowed is None:
        return len(view.index)
    return int((~np.isnan(view.index.scores(view.vector, allowed))).sum())


def _shrunk(n: int, measured: float, prior: float) -> float:
    return (n * measured + PRIOR_IMAGES * prior) / (n + PRIOR_IMAGES)
