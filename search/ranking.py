"""Fusing the evidence of both spaces into one calibrated relevance, exactly.

A cosine means nothing by itself: 0.3 is much for words against pictures and little for pictures
against pictures, and it differs from query to query. So each component is measured against its
background, the mean and spread of its inner products with the whole library (from the index's
first two moments, without a pass over it). These z-scores add up over the components of a query,
and a logistic curve over z-score and cosine of both spaces, fitted once for a model, gives the
probability of being relevant.

Which images have the best fused scores is found by Fagin's threshold algorithm (Fagin, Lotem,
Naor: "Optimal aggregation algorithms for middleware", 2003): fetch the best k of each space;
nothing that was not fetched can score more than the last ones of each together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from .components import Component
from .interfaces import VectorIndex
from .query import Target
from .records import Ids, Relevance, Space, Vectors

Floats = NDArray[np.float64]

STRONG = 0.25  # probability from which a hit counts as strong
WEAK = 0.03  # and from which it counts at all; labels of the test sets match in 1 of 100 pairs
PRIOR_IMAGES = 30  # how many images the prior background weighs like
FIRST_FETCH = 160


@dataclass(frozen=True, slots=True)
class Prior:
    """The background of one kind of component in one space, for a library too small to tell."""

    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one space says about some images; NaN where it has no vector of one."""

    z: Floats
    cosine: Floats

    def __getitem__(self, place: int) -> Evidence:
        return Evidence(self.z[place : place + 1], self.cosine[place : place + 1])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log-odds of being relevant: a bias, then a weight for z-score and cosine of each space.

    No weight is negative. The defaults, z-scores alone, serve a model that nobody has fitted;
    `python -m training.calibrate` fits one.
    """

    hybrid: tuple[float, ...] = (-8.6, 2.0, 0.0, 0.4, 0.0)  # image z, cosine; caption z, cosine
    image: tuple[float, ...] = (-8.6, 2.3, 0.0)
    caption: tuple[float, ...] = (-6.9, 1.3, 0.0)
    priors: dict[str, Prior] = field(
        default_factory=lambda: {
            "text-image": Prior(0.05, 0.12),
            "text-caption": Prior(0.15, 0.2),
            "image-image": Prior(0.15, 0.2),
            "image-caption": Prior(0.05, 0.12),
        }
    )

    @classmethod
    def of(cls, model: str) -> Calibration:
        """The fitted one, where `calibration.json` has it."""
        table = json.loads(resources.files(__package__).joinpath("calibration.json").read_text())
        if model not in table:
            return cls()
        curves = {name: tuple(table[model][name]) for name in ("hybrid", "image", "caption")}
        priors = {name: Prior(*values) for name, values in table[model]["priors"].items()}
        return cls(**curves, priors=priors)

    def log_odds(self, target: Target, image: Evidence, caption: Evidence) -> Floats:
        """Rises with all of it; an image without a caption is judged by its picture alone."""
        by_image = _linear(self.image, image.z, image.cosine)
        if target is Target.IMAGE:
            return by_image
        missing = np.isnan(caption.z)
        if target is Target.CAPTION:
            told = _linear(self.caption, caption.z, caption.cosine)
            return np.where(missing, -np.inf, told)
        both = _linear(self.hybrid, image.z, image.cosine, caption.z, caption.cosine)
        return np.where(missing, by_image, both)


def _linear(weights: Sequence[float], *features: Floats) -> Floats:
    summed = np.full(len(features[0]), weights[0])
    for weight, values in zip(weights[1:], features, strict=True):
        if weight:  # nothing times minus infinity would be no number
            summed = summed + weight * values
    return summed


@dataclass(frozen=True, slots=True)
class View:
    """One space as one query sees it: `z(x) = vector . x - offset`."""

    index: VectorIndex
    vector: Vectors
    offset: float

    @classmethod
    def of(
        cls,
        index: VectorIndex,
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

    def best(self, k: int, allowed: Ids | None) -> tuple[Ids, Evidence, bool]:
        """Ids of the best k, the evidence for the last one, and whether there are no more."""
        scores, ids = self.index.search(self.vector, k, allowed)
        last = scores[-1:] if len(scores) else np.array([-np.inf], np.float32)
        return ids, self._evidence(last), len(ids) < k

    def evidence(self, ids: Ids) -> Evidence:
        return self._evidence(self.index.scores(self.vector, ids))

    def _evidence(self, scores: Vectors) -> Evidence:
        length = float(np.linalg.norm(self.vector)) or 1.0
        exact = scores.astype(np.float64)
        return Evidence(exact - self.offset, exact / length)


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
    if minimum >= 1:
        return np.inf
    return float(np.log(minimum / (1 - minimum))) if minimum > 0 else -np.inf


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
        odds = calibration.log_odds(target, image.evidence(ids), caption.evidence(ids))
        exhausted = fetched[0][2]
        lasts = [last for _, last, _ in fetched]
        bound = -np.inf if exhausted else _bound(calibration, target, lasts[0], lasts[-1])
        certain = odds > bound
        enough = certain.sum() >= wanted if floor == -np.inf else bound < floor
        if exhausted or enough:
            keep = certain & (odds >= floor)
            order = np.lexsort((ids[keep], -odds[keep]))
            total = int(keep.sum()) if floor > -np.inf else _reachable(views[0], allowed)
            return Ranking(ids[keep][order], odds[keep][order], total)
        k *= 4


def _bound(calibration: Calibration, target: Target, first: Evidence, other: Evidence) -> float:
    """No image that was not fetched can have more log-odds than this."""
    bound = calibration.log_odds(target, first, other)
    if target is Target.HYBRID:
        alone = calibration.log_odds(Target.IMAGE, first, other)
        bound = np.fmax(bound, alone)
    return float(bound[0])


def _reachable(view: View, allowed: Ids | None) -> int:
    if allowed is None:
        return len(view.index)
    return int((~np.isnan(view.index.scores(view.vector, allowed))).sum())


def _shrunk(n: int, measured: float, prior: float) -> float:
    return (n * measured + PRIOR_IMAGES * prior) / (n + PRIOR_IMAGES)
