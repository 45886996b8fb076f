"""RowIndex: candidates from whatever finds them, made exact by our own rows."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from ..interfaces import Candidates, Near, Where
from ..records import Changes, Ids, Vectors
from .rows import Rows

SUBSET_SHARE = 0.05  # of the rows: smaller filters are answered without candidates
GENEROUS = 4  # times as many are asked for where the kind is not exact
NOISE = 1e-6  # by which two ways to compute one score may differ


class RowIndex:
    """Nearest neighbours of one space; holds nothing that the store does not.

    Answers of a kind that is exact are exact. Others may miss a neighbour, but what they give has
    its exact score, may be given, and fills the page.
    """

    def __init__(self, dim: int, candidates: Candidates) -> None:
        self._rows = Rows.empty(dim)
        self._candidates = candidates
        self._lock = threading.Lock()  # of changes; whoever searches keeps the rows it began with

    @property
    def exact(self) -> bool:
        return self._candidates.properties.exact

    @property
    def revision(self) -> int:
        return self._rows.revision

    @property
    def candidates_revision(self) -> int:
        return self._candidates.revision

    def __len__(self) -> int:
        return len(self._rows)

    def apply(self, changes: Changes, for_candidates: Changes | None = None) -> None:
        with self._lock:
            rows = self._rows.after(changes)
            self._candidates.apply(for_candidates or changes, rows)
            self._rows = rows

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Vectors, Ids]:
        rows = self._rows
        where = rows.where(allowed)
        k = min(k, where.owners)
        if k <= 0:
            return np.empty(0, np.float32), np.empty(0, np.int64)
        few = where.usable is not None and where.owners <= SUBSET_SHARE * len(rows.ids)
        found = None if few else self._found(rows, vector, k, where)
        scores, owners = found or _best(rows, *rows.compared(vector, where))
        return scores[:k], owners[:k]

    def ids(self) -> Ids:
        return self._rows.known

    def scores(self, vector: Vectors, ids: Ids) -> Vectors:
        return self._rows.scores(vector, ids)

    def vectors(self, ids: Ids) -> Vectors:
        return self._rows.vectors(ids)

    def moments(self) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
        return self._rows.moments

    def _found(
        self, rows: Rows, vector: Vectors, k: int, where: Where
    ) -> tuple[Vectors, Ids] | None:
        """Owners by falling score, the best k and all that share the score of the last one; None
        where the candidates cannot tell, and every row has to be compared.

        Kinds order equal scores as they like, so a cut through them would lose some at random.
        """
        properties = self._candidates.properties
        wanted = self._first_fetch(rows, k, where)
        while True:
            asked = min(wanted, len(rows.ids))
            if properties.at_most is not None and asked > properties.at_most:
                return None
            near = self._candidates.near(vector, asked, where)
            if near.revision != rows.revision:
                return None  # it follows on its own, and is not where these rows are
            scores, owners = self._kept(rows, vector, where, near)
            if len(near.ids) < asked or wanted >= len(rows.ids):
                return (scores, owners) if properties.exact or len(owners) >= k else None
            if len(owners) >= k and (
                not properties.exact or near.scores[-1] < scores[k - 1] - NOISE
            ):
                return scores, owners
            wanted *= 2

    def _first_fetch(self, rows: Rows, k: int, where: Where) -> int:
        properties = self._candidates.properties
        wanted = k + 1 if properties.exact else GENEROUS * k
        if where.allowed is None or properties.filters:
            return wanted
        return wanted * len(rows.ids) // where.owners + 1

    def _kept(self, rows: Rows, vector: Vectors, where: Where, near: Near) -> tuple[Vectors, Ids]:
        """Of the candidates those that may be given, each owner once, best first."""
        properties = self._candidates.properties
        ids, scores = near.ids, near.scores
        if not (properties.filters and properties.removes):
            kept = rows.usable(ids, where)
            ids, scores = ids[kept], scores[kept]
        owners = rows.owners_of(ids)
        if not (properties.exact and properties.removes):
            owners = np.unique(owners)
            scores = rows.scores(vector, owners)
        return _best(rows, scores, owners)


def _best(rows: Rows, scores: Vectors, owners: Ids) -> tuple[Vectors, Ids]:
    """Each owner once, with the score of its nearest part: best first, equal ones by id."""
    order = np.lexsort((owners, -scores))
    scores, owners = scores[order], owners[order]
    if not rows.one_each:
        first = np.sort(np.unique(owners, return_index=True)[1])
        scores, owners = scores[first], owners[first]
    return scores, owners
