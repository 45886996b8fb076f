"""FaissIndex: every FAISS call of the project.

Exact inner products over a flat index addressed by position, with an array from position to image
id and a bitmap of the positions still in use. No IndexIDMap: it accepts one id twice, and cannot
be told about filters on a GPU. Removing only clears a bit; the index is compacted when a fifth of
it is dead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from .records import Changes, Device, Ids, Vectors

DEAD_SHARE = 0.2  # of the positions, before the index is built anew
SUBSET_SHARE = 0.05  # of the index: smaller filters are answered without it
GPU_MOST = 2048  # neighbours that a GPU index gives at once; for more, every vector is compared
AT_ONCE = 65_536  # vectors compared in one piece

faiss.omp_set_num_threads(1)  # one query is one pass over memory; torch has threads of its own


def choose_device(wanted: str = "auto") -> Device:
    """Where FAISS searches: on the GPU where there is one, and why."""
    count = faiss.get_num_gpus() if hasattr(faiss, "get_num_gpus") else 0
    if wanted == "cpu":
        return Device("cpu", "asked for")
    if wanted.startswith("cuda"):
        number = int(wanted.partition(":")[2] or 0)
        if number < count:
            return Device(f"cuda:{number}", "asked for")
        return Device("cpu", f"{wanted} was asked for, but FAISS sees {count} GPUs")
    return Device("cuda:0", "FAISS sees a GPU") if count else Device("cpu", "FAISS sees no GPU")


class FaissIndex:
    """Nearest neighbours of one space; holds nothing that the store does not.

    `selects` says whether the FAISS index honours a selector of positions. GPU indexes silently
    ignore one, so there, hits that may not be shown are dropped and more are fetched instead. They
    also refuse to give more than GPU_MOST.
    """

    def __init__(
        self,
        dim: int,
        device: Device | None = None,
        make_flat: Callable[[int, Device], Any] | None = None,
    ) -> None:
        """`make_flat`: another flat FAISS index than the one for this device."""
        self._dim = dim
        self._device = device or Device("cpu", "default")
        self._make_flat = make_flat or _flat
        self.selects = self._device.name == "cpu"
        self._moments: tuple[int, NDArray[np.float64], NDArray[np.float64]] | None = None
        self._lock = threading.Lock()  # FAISS: searches may overlap, changes may not
        self._build(np.empty(0, np.int64), np.empty((0, dim), np.float32))

    @property
    def device(self) -> Device:
        return self._device

    def __len__(self) -> int:
        return int(self._alive.sum())

    def apply(self, changes: Changes) -> None:
        with self._lock:
            self._moments = None
            self._bury(np.concatenate([changes.removed, changes.ids]))
            self._append(changes.ids, changes.vectors)
            alive = np.flatnonzero(self._alive)
            if len(alive) < (1 - DEAD_SHARE) * len(self._ids):
                self._build(self._ids[alive], self._reconstruct(alive))

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Vectors, Ids]:
        with self._lock:
            usable = self._usable(allowed)
            count = int(usable.sum())
            k = min(k, count)
            if k == 0:
                return np.empty(0, np.float32), np.empty(0, np.int64)
            if allowed is not None and count <= SUBSET_SHARE * len(self._ids):
                scores, positions = self._compared(vector, usable)
            else:
                scores, positions = self._candidates(vector, k, usable)
            ids = self._ids[positions]
            order = np.lexsort((ids, -scores))[:k]
            return scores[order], ids[order]

    def scores(self, vector: Vectors, ids: Ids) -> Vectors:
        with self._lock:
            found = np.full(len(ids), np.nan, np.float32)
            positions = self._positions(ids)
            known = positions >= 0
            found[known] = _products(self._reconstruct(positions[known]), vector)
            return found

    def vectors(self, ids: Ids) -> Vectors:
        with self._lock:
            positions = self._positions(ids)
            if (positions < 0).any():
                raise KeyError(int(ids[int(np.argmin(positions))]))
            return self._reconstruct(positions)

    def moments(self) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
        with self._lock:
            if self._moments is None:
                n = int(self._alive.sum())
                mean = self._sum / max(1, n)
                covariance = self._squares / max(1, n) - np.outer(mean, mean)
                self._moments = n, mean, covariance
            return self._moments

    def _build(self, ids: Ids, vectors: Vectors) -> None:
        self._index: Any = self._make_flat(self._dim, self._device)
        self._ids = np.empty(0, np.int64)
        self._alive = np.empty(0, bool)
        self._lookup: tuple[Ids, Ids] | None = None
        self._sum = np.zeros(self._dim)
        self._squares = np.zeros((self._dim, self._dim))
        self._append(ids, vectors)

    def _append(self, ids: Ids, vectors: Vectors) -> None:
        if not len(ids):
            return
        self._index.add(np.ascontiguousarray(vectors, np.float32))
        self._ids = np.concatenate([self._ids, ids])
        self._alive = np.concatenate([self._alive, np.ones(len(ids), bool)])
        self._lookup = None
        self._sum += vectors.sum(0, dtype=np.float64)
        self._squares += vectors.T @ vectors

    def _bury(self, ids: Ids) -> None:
        positions = np.unique(self._positions(ids))
        gone = positions[positions >= 0]
        if len(gone):
            vectors = self._reconstruct(gone)
            self._alive[gone] = False
            self._lookup = None
            self._sum -= vectors.sum(0, dtype=np.float64)
            self._squares -= vectors.T @ vectors

    def _usable(self, allowed: Ids | None) -> NDArray[np.bool_]:
        if allowed is None:
            return self._alive
        usable = np.zeros(len(self._ids), bool)
        positions = self._positions(allowed)
        usable[positions[positions >= 0]] = True
        return usable

    def _positions(self, ids: Ids) -> Ids:
        """Where each id is, -1 where it is not."""
        if self._lookup is None:
            alive = np.flatnonzero(self._alive)
            order = alive[np.argsort(self._ids[alive], kind="stable")]
            self._lookup = self._ids[order], order
        known, positions = self._lookup
        if not len(known):
            return np.full(len(ids), -1, np.int64)
        places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        found: Ids = np.where(known[places] == ids, positions[places], -1)
        return found

    def _candidates(
        self, vector: Vectors, k: int, usable: NDArray[np.bool_]
    ) -> tuple[Vectors, Ids]:
        """Scores and positions of the best k, and of all that share the score of the last one.

        FAISS orders equal scores as it likes, so a cut through them would lose some at random.
        """
        size = len(self._ids)
        wanted = k + 1
        while True:
            if not self.selects and min(wanted, size) > GPU_MOST:
                return self._compared(vector, usable)
            scores, positions = self._fetch(vector, min(wanted, size), usable)
            kept = usable[positions]
            scores, positions = scores[kept], positions[kept]
            complete = wanted >= size
            if complete or (len(scores) > k and scores[-1] < scores[k - 1] - 1e-6):
                return scores, positions
            wanted *= 2

    def _compared(self, vector: Vectors, usable: NDArray[np.bool_]) -> tuple[Vectors, Ids]:
        """Scores and positions of all that is usable, in no order, without the index's search."""
        positions = np.flatnonzero(usable)
        pieces = [positions[at : at + AT_ONCE] for at in range(0, len(positions), AT_ONCE)]
        scores = [_products(self._reconstruct(piece), vector) for piece in pieces]
        return np.concatenate(scores), positions

    def _fetch(self, vector: Vectors, k: int, usable: NDArray[np.bool_]) -> tuple[Vectors, Ids]:
        query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        if self.selects and not usable.all():
            bits = np.packbits(usable, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)
            params = faiss.SearchParameters(sel=selector)
            scores, positions = self._index.search(query, k, params=params)
        else:
            scores, positions = self._index.search(query, k)
        found = positions[0] >= 0  # short answers are padded with -1
        return scores[0][found], positions[0][found]

    def _reconstruct(self, positions: Ids) -> Vectors:
        if not len(positions):
            return np.empty((0, self._dim), np.float32)
        vectors: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(positions))
        return vectors


def _products(vectors: Vectors, query: Vectors) -> Vectors:
    """Row by row in double precision, so that equal vectors have equal scores wherever they lie."""
    products: Vectors = (vectors * query.astype(np.float64)).sum(1).astype(np.float32)
    return products


def _flat(dim: int, device: Device) -> Any:
    """Half precision, as the store keeps the vectors: exact, at half the memory traffic."""
    if device.name != "cpu":
        return _flat_on_gpu(dim, device)
    half = faiss.ScalarQuantizer.QT_fp16
    return faiss.IndexScalarQuantizer(dim, half, faiss.METRIC_INNER_PRODUCT)


def _flat_on_gpu(dim: int, device: Device) -> Any:
    number = int(device.name.partition(":")[2] or 0)
    index = faiss.IndexFlatIP(dim)
    return faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), number, index)
