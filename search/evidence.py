"""Evidence: what one list knows about how near images are to a question.

A cosine means nothing by itself: 0.3 is much for words against pictures and little for pictures
against pictures, and it differs from query to query. So each component is measured against its
background, the mean and spread of its inner products with the whole library (from the index's
first two moments, without a pass over it). These z-scores add up over the components of a query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .calibration import Calibration, Floats
from .components import Component
from .interfaces import VectorIndex
from .query import Query
from .records import Ids, Vectors

PRIOR_IMAGES = 30  # how many images the prior background weighs like


@dataclass(frozen=True, slots=True)
class Found:
    """The beginning of a list of images."""

    ids: Ids  # best first
    last: Floats  # (f,) features of the last one: those that follow have no more of any
    exhausted: bool  # nothing follows


class Evidence(Protocol):
    """One list of images, ordered by how near they are to a query.

    Its features, f numbers an image, rise together: of two images the nearer one has no less of
    any. The last feature is the score as hits show it.
    """

    @property
    def name(self) -> str: ...

    def best(self, k: int, allowed: Ids | None) -> Found:
        """The first `k` of its list at the most; of `allowed` images, where these are given."""

    def features(self, ids: Ids) -> Floats:
        """(n, f); NaN where it knows nothing of an image."""

    def known(self, allowed: Ids | None) -> Ids:
        """Of which images it knows anything, each once."""


class Retriever(Protocol):
    """Has evidence for any query."""

    @property
    def name(self) -> str:
        """Of its evidence."""

    def evidence(self, query: Query, components: Sequence[Component]) -> Evidence:
        """`components` are the terms of `query`, encoded."""


@dataclass(frozen=True, slots=True)
class SpaceRetriever:
    """The nearest vectors of one space."""

    name: str
    index: VectorIndex
    calibration: Calibration

    def evidence(self, query: Query, components: Sequence[Component]) -> SpaceEvidence:
        return SpaceEvidence.of(self.name, self.index, components, self.calibration)


@dataclass(frozen=True, slots=True)
class SpaceEvidence:
    """A space of vectors as one query sees it: `z(x) = vector . x - offset`.

    Features are z-score and cosine; of several parts of an image the nearest counts.
    """

    name: str
    index: VectorIndex
    vector: Vectors
    offset: float

    @classmethod
    def of(
        cls,
        name: str,
        index: VectorIndex,
        components: Sequence[Component],
        calibration: Calibration,
    ) -> SpaceEvidence:
        n, mean, covariance = index.moments()
        vector, offset = np.zeros(len(mean)), 0.0
        for part in components:
            prior = calibration.prior("text" if part.is_text else "image", name)
            q = part.vector.astype(np.float64)
            middle = _shrunk(n, float(q @ mean), prior.mean)
            spread = _shrunk(n, max(0.0, float(q @ covariance @ q)), prior.std**2) ** 0.5
            vector += part.weight / spread * q
            offset += part.weight / spread * middle
        length = sum(part.weight**2 for part in components if part.weight > 0) ** 0.5 or 1.0
        return cls(name, index, (vector / length).astype(np.float32), offset / length)

    def best(self, k: int, allowed: Ids | None) -> Found:
        scores, ids = self.index.search(self.vector, k, allowed)
        last = scores[-1:] if len(scores) else np.array([-np.inf], np.float32)
        return Found(ids, self._features(last)[0], exhausted=len(ids) < k)

    def features(self, ids: Ids) -> Floats:
        return self._features(self.index.scores(self.vector, ids))

    def features_of(self, vectors: Vectors) -> Floats:
        """(n, f) of vectors (n, dim) of pictures that need not be in the index."""
        return self._features(vectors @ self.vector)

    def known(self, allowed: Ids | None) -> Ids:
        ids = self.index.ids()
        return ids if allowed is None else allowed[np.isin(allowed, ids)]

    def _features(self, scores: Vectors) -> Floats:
        length = float(np.linalg.norm(self.vector)) or 1.0
        exact = scores.astype(np.float64)
        return np.column_stack([exact - self.offset, exact / length])


def _shrunk(n: int, measured: float, prior: float) -> float:
    return (n * measured + PRIOR_IMAGES * prior) / (n + PRIOR_IMAGES)
