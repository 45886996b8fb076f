"""How many of the nearest vectors an index finds, against a comparison with all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.interfaces import VectorIndex
from search.records import Vectors

from .retrieval import Value

NEAREST = 10


@dataclass(frozen=True, slots=True)
class IndexRecall:
    space: str
    exact: bool  # by how it is made: nothing was measured
    images: int
    queries: int
    value: Value  # the share of the true nearest that it finds

    @classmethod
    def of(cls, space: str, index: VectorIndex, questions: Sequence[Vectors]) -> IndexRecall:
        """`questions` (dim,): vectors of texts or of pictures."""
        if index.exact or not len(index):
            return cls(space, index.exact, len(index), 0, Value(1.0, 1.0, 1.0))
        found = [_recall(index, vector) for vector in questions]
        return cls(space, False, len(index), len(found), Value.of(found))


def _recall(index: VectorIndex, vector: Vectors) -> float:
    """Of neighbours that are equally near any will do."""
    scores = np.sort(index.scores(vector, index.ids()))[::-1][:NEAREST]
    found, _ = index.search(vector, NEAREST)
    return float((found >= scores[-1] - 1e-6).sum() / len(scores))
