"""Kinds of index that we wrote for tests: one that is exact, and one that can do as little as may
be."""

from __future__ import annotations

import numpy as np

from search.interfaces import Near, Properties, RowsView, Where
from search.records import Changes, Ids, Vectors

COARSE = 8  # steps between 0 and 1


class NumpyCandidates:
    """Every vector is compared, each as it was given: nothing is read from the rows."""

    properties = Properties(exact=True, filters=True, removes=True)

    def __init__(self) -> None:
        self.revision = 0
        self.applied = 0  # vectors that it was given, again or not
        self._known: dict[int, tuple[int, Vectors]] = {}

    def apply(self, changes: Changes, rows: RowsView) -> None:
        known = dict(self._known)
        for id_ in changes.removed.tolist():
            known.pop(id_, None)
        for id_, owner, vector in zip(
            changes.ids.tolist(), changes.owners.tolist(), changes.vectors, strict=True
        ):
            known[id_] = owner, vector
        self.applied += len(changes.ids)
        self._known, self.revision = known, changes.revision

    def near(self, query: Vectors, k: int, where: Where) -> Near:
        revision, known = self.revision, self._known
        allowed = None if where.allowed is None else set(where.allowed.tolist())
        found = [
            (float(vector @ query), id_)
            for id_, (owner, vector) in known.items()
            if allowed is None or owner in allowed
        ]
        best = sorted(found, key=lambda one: -one[0])[:k]
        return Near(_floats([s for s, _ in best]), _ids([i for _, i in best]), revision)


class CoarseCandidates:
    """Compares roughly, and forgets nothing: what was removed or replaced is given as well, and
    filters are not for it. `at_most`: it gives few at once."""

    def __init__(self, at_most: int | None = None) -> None:
        self.properties = Properties(exact=False, filters=False, removes=False, at_most=at_most)
        self.revision = 0
        self._held: list[tuple[Ids, Vectors]] = []

    def apply(self, changes: Changes, rows: RowsView) -> None:
        self._held = [*self._held, (changes.ids, np.round(changes.vectors * COARSE))]
        self.revision = changes.revision

    def near(self, query: Vectors, k: int, where: Where) -> Near:
        assert self.properties.at_most is None or k <= self.properties.at_most
        revision, held = self.revision, self._held
        ids = np.concatenate([ids for ids, _ in held])
        scores = np.concatenate([vectors for _, vectors in held]) @ query
        best = np.argsort(-scores)[:k]
        return Near(scores[best], ids[best], revision)


def _floats(values: list[float]) -> Vectors:
    return np.array(values, np.float32)


def _ids(values: list[int]) -> Ids:
    return np.array(values, np.int64)
