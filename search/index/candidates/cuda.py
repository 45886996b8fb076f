"""FAISS on a GPU, in single precision: every vector is compared."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import faiss
import numpy as np

from ...errors import SettingsError
from ...interfaces import Kind, Near, Properties, RowsView, Where
from ...records import Changes, Ids, Vectors

MOST = 2048  # neighbours that a GPU index gives at once
AT_ONCE = 65_536  # vectors that are brought there in one piece

faiss.omp_set_num_threads(1)


def gpus() -> int:
    """How many FAISS sees."""
    return int(faiss.get_num_gpus()) if hasattr(faiss, "get_num_gpus") else 0


def open_candidates(kind: Kind) -> CudaCandidates:
    number = int(kind.argument) if kind.argument.isdecimal() else -1
    if not 0 <= number < gpus():
        raise SettingsError(
            f"index: {kind.name} is not to be had, FAISS sees {gpus()} GPUs. "
            "faiss:auto takes one where there is one."
        )
    return CudaCandidates(kind.dim, lambda dim: _on_gpu(dim, number))


class CudaCandidates:
    """GPU indexes silently ignore a selector, and cannot take out a vector: what they give of
    others is dropped by who asks."""

    properties = Properties(exact=True, filters=False, removes=False, at_most=MOST)

    def __init__(self, dim: int, make_flat: Callable[[int], Any]) -> None:
        self.revision = 0
        self._dim = dim
        self._make_flat = make_flat
        self._lock = threading.Lock()  # FAISS's resources of a GPU are for one thread at a time
        self._built = -1
        self._ids: Ids = np.empty(0, np.int64)
        self._index: Any = None

    def apply(self, changes: Changes, rows: RowsView) -> None:
        with self._lock:
            try:
                self._bring_to(rows)
            except BaseException:  # some pieces may be there, and others not
                self._built, self.revision, self._index = -1, 0, None
                raise
            self.revision = changes.revision

    def _bring_to(self, rows: RowsView) -> None:
        if rows.built != self._built:
            self._index = None  # makes room for the next one
            self._index = self._make_flat(self._dim)
            self._built = rows.built
            self._ids = self._ids[:0]
        for at in range(len(self._ids), len(rows.ids), AT_ONCE):
            self._index.add(rows.halves[at : at + AT_ONCE].astype(np.float32))
        self._ids = rows.ids

    def near(self, query: Vectors, k: int, where: Where) -> Near:
        asked = np.ascontiguousarray(query, np.float32).reshape(1, -1)
        with self._lock:
            if self._index is None:  # nor are there rows of revision 0 to find
                return Near(np.empty(0, np.float32), self._ids[:0], self.revision)
            scores, positions = self._index.search(asked, k)
            found = positions[0] >= 0
            return Near(scores[0][found], self._ids[positions[0][found]], self.revision)


def _on_gpu(dim: int, number: int) -> Any:
    resources = faiss.StandardGpuResources()
    return faiss.index_cpu_to_gpu(resources, number, faiss.IndexFlatIP(dim))
