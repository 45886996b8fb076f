"""Rows: all vectors of one space as the store keeps them, and exact answers from them.

A vector belongs to a part (a picture, a frame, a line) and a part to an owner, the image: answers
are about owners, and an owner is as near as its nearest part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..interfaces import Where
from ..records import Changes, Halves, Ids, Vectors

DEAD_SHARE = 0.2  # of the positions, before those in use are put together again
SPARE_SHARE = 0.125  # of the rows: room for those that come later, so that few are copied
AT_ONCE = 8192  # vectors compared in one piece: they and their products fit a cache
ALIGNED = 64  # bytes, a line of the cache


class Lookup:
    """Where each key is. A key may be at several positions; they come in rising order."""

    def __init__(self, keys: Ids, positions: Ids) -> None:
        known = keys[positions]
        if (known[:-1] > known[1:]).any():
            order = np.argsort(known, kind="stable")
            positions, known = positions[order], known[order]
        self._positions = positions
        first = np.ones(len(known), bool)
        first[1:] = known[1:] != known[:-1]
        self.is_unique = bool(first.all())
        self.keys = known
        if not self.is_unique:
            self.keys = known[first]
            self._starts = np.append(np.flatnonzero(first), len(known))

    def __len__(self) -> int:
        return len(self.keys)

    def first(self, keys: Ids) -> Ids:
        """The first position of each key, -1 where it is not known."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int64)
        places = self._places(keys)
        starts = places if self.is_unique else self._starts[places]
        found: Ids = np.where(self.keys[places] == keys, self._positions[starts], -1)
        return found

    def all(self, keys: Ids) -> tuple[Ids, Ids]:
        """Every position of each known key, and the place in `keys` of the key that it is of."""
        if self.is_unique:
            positions = self.first(keys)
            known = np.flatnonzero(positions >= 0)
            return positions[known], known
        places = self._places(keys)
        known = np.flatnonzero(self.keys[places] == keys)
        starts, ends = self._starts[places[known]], self._starts[places[known] + 1]
        counts = ends - starts
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._positions[np.repeat(starts, counts) + steps], np.repeat(known, counts)

    def _places(self, keys: Ids) -> Ids:
        places: Ids = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return places


class Storage:
    """One block of memory that grows at its end; what is in it never changes."""

    def __init__(self, dim: int, rows: int) -> None:
        room = rows + int(rows * SPARE_SHARE) + ALIGNED
        memory = np.empty(room * dim * 2 + ALIGNED, np.uint8)  # the system gives it when written
        skipped = -memory.ctypes.data % ALIGNED
        self._halves = memory[skipped : skipped + room * dim * 2].view("<f2").reshape(room, dim)
        self._used = 0

    def after(self, size: int, vectors: Vectors | Halves) -> tuple[Storage, Halves]:
        """The first `size` rows and then these; in place where nobody has written there yet."""
        end = size + len(vectors)
        held = self
        if self._used != size or end > len(self._halves):
            held = Storage(self._halves.shape[1], end)
            held._halves[:size] = self._halves[:size]
        held._halves[size:end] = vectors
        held._used = end
        return held, held._halves[:end]


@dataclass(frozen=True, eq=False)
class Rows:
    """The vectors at one revision: never changed, so that any thread may read them.

    `after` gives the next state, which shares the memory of the vectors with this one.
    """

    revision: int
    built: int  # how often the rows were put together: then they are at other positions
    ids: Ids  # the part at each position
    owners: Ids  # and whose it is; the same array where no image has two
    alive: NDArray[np.bool_]  # whether it is still there
    halves: Halves
    storage: Storage
    sums: NDArray[np.float64]
    squares: NDArray[np.float64]

    @classmethod
    def empty(cls, dim: int) -> Self:
        ids = np.empty(0, np.int64)
        storage, halves = Storage(dim, 0).after(0, np.empty((0, dim), np.float32))
        sums = np.zeros(dim), np.zeros((dim, dim))
        return cls(0, 0, ids, ids, np.empty(0, bool), halves, storage, *sums)

    def __len__(self) -> int:
        """How many owners there are."""
        return len(self._by_owner)

    @property
    def dim(self) -> int:
        return int(self.halves.shape[1])

    @property
    def known(self) -> Ids:
        """Every owner, in rising order."""
        return self._by_owner.keys

    @property
    def one_each(self) -> bool:
        """Whether no image can have two parts."""
        return self.owners is self.ids

    def after(self, changes: Changes) -> Self:
        """With the removals, then the additions, made."""
        left = self._without(np.concatenate([changes.removed, changes.ids]))
        rows = left._with(changes.ids, changes.owners, changes.vectors)
        if np.count_nonzero(rows.alive) < (1 - DEAD_SHARE) * len(rows.ids):
            rows = rows._put_together()
        return replace(rows, revision=changes.revision)

    def where(self, allowed: Ids | None) -> Where:
        """What may be given: every owner, or of these all that there are."""
        if allowed is None:
            return self._anywhere
        usable = np.zeros(len(self.ids), bool)
        positions, which = self._by_owner.all(allowed)
        usable[positions] = True
        owners = (
            np.count_nonzero(usable) if self._by_owner.is_unique else len(np.unique(allowed[which]))
        )
        return Where(self, allowed, usable, int(owners))

    def usable(self, ids: Ids, where: Where) -> NDArray[np.bool_]:
        """Which of these parts are still there, and may be given."""
        positions = self._by_id.first(ids)
        found = positions >= 0
        if where.usable is not None:
            found[found] = where.usable[positions[found]]
        return found

    def owners_of(self, ids: Ids) -> Ids:
        """Of parts that are there."""
        return ids if self.one_each else self.owners[self._by_id.first(ids)]

    def scores(self, vector: Vectors, owners: Ids) -> Vectors:
        """Inner products with the nearest part of each owner; NaN where there is none."""
        found = np.full(len(owners), np.nan, np.float32)
        positions, which = self._by_owner.all(owners)
        if len(positions):
            starts = np.flatnonzero(np.append(True, which[1:] != which[:-1]))
            products = self._products(positions, vector)
            found[which[starts]] = np.maximum.reduceat(products, starts)
        return found

    def vectors(self, owners: Ids) -> Vectors:
        """Of the first part of each owner. Raises KeyError with one that is not there."""
        positions = self._by_owner.first(owners)
        if (positions < 0).any():
            raise KeyError(int(owners[int(np.argmin(positions))]))
        return self._taken(positions)

    def compared(self, vector: Vectors, where: Where) -> tuple[Vectors, Ids]:
        """Scores and owners of every part that may be given, in no order."""
        positions = np.flatnonzero(self.alive if where.usable is None else where.usable)
        return self._products(positions, vector), self.owners[positions]

    @cached_property
    def moments(self) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
        """Number of vectors, their mean (dim,) and covariance (dim, dim): the background."""
        n = int(np.count_nonzero(self.alive))
        mean = self.sums / max(1, n)
        return n, mean, self.squares / max(1, n) - np.outer(mean, mean)

    @cached_property
    def _anywhere(self) -> Where:
        return Where(self, None, None if self.alive.all() else self.alive, len(self))

    @cached_property
    def _by_id(self) -> Lookup:
        return Lookup(self.ids, np.flatnonzero(self.alive))

    @cached_property
    def _by_owner(self) -> Lookup:
        if self.one_each:
            return self._by_id
        by_id = np.argsort(self.ids, kind="stable")  # an owner's first part is that of lowest id
        return Lookup(self.owners, by_id[self.alive[by_id]])

    def _without(self, ids: Ids) -> Self:
        positions = np.unique(self._by_id.first(ids))
        gone = positions[positions >= 0]
        if not len(gone):
            return self
        alive = self.alive.copy()
        alive[gone] = False
        sums, squares = _sums(self._taken(gone))
        return replace(self, alive=alive, sums=self.sums - sums, squares=self.squares - squares)

    def _with(self, ids: Ids, owners: Ids, vectors: Vectors) -> Self:
        if not len(ids):
            return self
        all_ids = np.concatenate([self.ids, ids])
        one_each = self.one_each and np.array_equal(ids, owners)
        storage, halves = self.storage.after(len(self.ids), vectors)
        sums, squares = _sums(vectors)
        return replace(
            self,
            ids=all_ids,
            owners=all_ids if one_each else np.concatenate([self.owners, owners]),
            alive=np.concatenate([self.alive, np.ones(len(ids), bool)]),
            halves=halves,
            storage=storage,
            sums=self.sums + sums,
            squares=self.squares + squares,
        )

    def _put_together(self) -> Self:
        """Those that are still there alone, at new positions."""
        kept = np.flatnonzero(self.alive)
        ids = self.ids[kept]
        storage, halves = Storage(self.dim, len(kept)).after(0, self.halves[:0])
        sums, squares = np.zeros_like(self.sums), np.zeros_like(self.squares)
        for piece in _pieces(kept):
            storage, halves = storage.after(len(halves), self.halves[piece])
            more = _sums(self._taken(piece))
            sums, squares = sums + more[0], squares + more[1]
        return replace(
            self,
            built=self.built + 1,
            ids=ids,
            owners=ids if self.one_each else self.owners[kept],
            alive=np.ones(len(ids), bool),
            halves=halves,
            storage=storage,
            sums=sums,
            squares=squares,
        )

    def _taken(self, positions: Ids) -> Vectors:
        return self.halves[positions].astype(np.float32)

    def _products(self, positions: Ids, query: Vectors) -> Vectors:
        """Row by row in double precision, so that equal vectors have equal scores wherever they
        lie."""
        precise = query.astype(np.float64)
        products = [(self._taken(piece) * precise).sum(1) for piece in _pieces(positions)]
        return np.concatenate(products).astype(np.float32) if products else np.empty(0, np.float32)


def _sums(vectors: Vectors) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of vectors, and of their outer products."""
    return vectors.sum(0, dtype=np.float64), (vectors.T @ vectors).astype(np.float64)


def _pieces(positions: Ids) -> list[Ids]:
    return [positions[at : at + AT_ONCE] for at in range(0, len(positions), AT_ONCE)]
