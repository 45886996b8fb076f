"""Copies: images that are nearly the same, by what is seen in them; in step with the store.

Two are, if few bits of their hashes differ and they have about the same colours, for shapes alone
do not tell a red tie from a blue one; of a burst, which a camera took within seconds, more bits
may. A vector has no say: what is nearest in a model's eyes is another thing one time in twelve.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Bitmap, ByValue, Columns, Current, Held
from .filters import TAKEN, Fact
from .records import Ids

HASHES, COLOURS, CAMERAS = Fact("phash"), Fact("colour"), Fact("camera")
NEAR = 36  # bits of 256 that may differ
NEAR_IN_BURST = 80
BURST_SECONDS = 3
BANDS = 16  # parts of a hash; only images that share one of them are compared
NEIGHBOURS = 32  # of those that share one, how many an image is compared with

FEW = 50  # times as many were there before where new ones are compared alone

Bits = NDArray[np.uint64]  # (n, 4)
Pairs = NDArray[np.int64]  # (n, 2) of image ids


class Hashes(Held):
    """The hash of each image that has one, and which of them are near each other."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: Ids = np.empty(0, np.int64)  # ascending
        self.bits: Bits = np.empty((0, 4), np.uint64)
        self.near: Pairs = np.empty((0, 2), np.int64)
        self.state = 0  # another one after each change

    def forget(self, stale: Bitmap) -> None:
        gone = stale.to_array()
        kept = ~np.isin(self.ids, gone)
        if not kept.all():
            self.ids, self.bits, self.state = self.ids[kept], self.bits[kept], self.state + 1
            self.near = self.near[~np.isin(self.near, gone).any(1)]

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        known = [(id_, bytes.fromhex(text)) for id_, text in rows if _is_hash(text)]
        if not known:
            return
        new = np.array([id_ for id_, _ in known], np.int64)
        bits = np.frombuffer(b"".join(hash_ for _, hash_ in known), np.uint64).reshape(-1, 4)
        ids = np.append(self.ids, new)
        order = np.argsort(ids, kind="stable")
        self.ids, self.bits = ids[order], np.concatenate([self.bits, bits])[order]
        few = len(new) * FEW < len(ids)
        found = _near_to(self, new) if few else _near_each_other(self)
        before = self.near if few else self.near[:0]
        self.near = _each_once(np.concatenate([before, *found]))
        self.state += 1


def _is_hash(text: str | None) -> bool:
    return text is not None and len(text) == 64 and text.isalnum()


@dataclass(frozen=True, slots=True)
class Groups:
    """Images that have copies, and of each the head of its group, the smallest id of it."""

    members: Ids  # ascending
    heads: Ids  # of each member

    @classmethod
    def of(cls, pairs: Pairs) -> Groups:
        """What pairs, also one by way of another, join."""
        heads = _joined(pairs.tolist())
        members = np.array(sorted(heads), np.int64)
        return cls(members, np.array([heads[id_] for id_ in members.tolist()], np.int64))

    def heads_of(self, ids: Ids) -> Ids:
        """Of each image; its own id where it has no copy."""
        if not len(self.members):
            return ids
        places = np.minimum(np.searchsorted(self.members, ids), len(self.members) - 1)
        heads: Ids = np.where(self.members[places] == ids, self.heads[places], ids)
        return heads

    def others_of(self, id_: int) -> Ids:
        """The other images of its group."""
        group = self.members[self.heads == self.heads_of(np.array([id_]))[0]]
        others: Ids = group[group != id_]
        return others

    def spare(self, among: Ids | None) -> int:
        """How many of these images, or of all, another one of them stands for."""
        heads = self.heads if among is None else self.heads[np.isin(self.members, among)]
        return len(heads) - len(np.unique(heads))


class Copies:
    """The groups of one library; safe to share between threads."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._pairs: Pairs = np.empty((0, 2), np.int64)
        self._groups = Groups.of(self._pairs)
        self._state = 0  # of the hashes, at which the pairs were found
        self._lock = threading.Lock()

    def groups(self) -> Groups:
        """As the library is; made again where other pictures are near each other than before."""
        now = self._columns.current()
        hashes = now.column(HASHES, Hashes)
        with self._lock, hashes.lock:
            if self._state != hashes.state:
                pairs = _pairs(hashes, now)
                if not np.array_equal(pairs, self._pairs):
                    self._groups, self._pairs = Groups.of(pairs), pairs
                self._state = hashes.state
            return self._groups


def _pairs(hashes: Hashes, now: Current) -> Pairs:
    alike = hashes.near[_have_same_colours(hashes.near, now.by_value(COLOURS))]
    return _each_once(np.concatenate([alike, _of_bursts(hashes, now)]))


def _each_once(pairs: Pairs) -> Pairs:
    """In order; ids have 32 bits, as in bitmaps."""
    keys = np.unique(pairs.min(1) << 32 | pairs.max(1))
    return np.column_stack([keys >> 32, keys & 0xFFFFFFFF])


def _near_each_other(hashes: Hashes) -> Iterator[Pairs]:
    """Of all images those that are near, among such with a part of the hash in common."""
    for band in range(BANDS):
        order = np.argsort(_part(hashes.bits, band), kind="stable")
        ids, bits = hashes.ids[order], hashes.bits[order]
        keys = _part(bits, band)
        for step in range(1, NEIGHBOURS):
            same = np.flatnonzero(keys[step:] == keys[:-step])
            if not len(same):
                break
            near = same[_differing(bits[same], bits[same + step]) <= NEAR]
            yield np.column_stack([ids[near], ids[near + step]])


def _near_to(hashes: Hashes, new: Ids) -> Iterator[Pairs]:
    """Likewise, of a few images that have come: those that are near to one of them."""
    places = np.searchsorted(hashes.ids, new)
    for band in range(BANDS):
        keys = _part(hashes.bits, band)
        wanted = np.zeros(1 << 16, np.bool_)
        wanted[keys[places]] = True
        some = np.flatnonzero(wanted[keys])
        for place in places.tolist():
            same = some[keys[some] == keys[place]]
            own = int(np.searchsorted(same, place))
            same = same[max(0, own - NEIGHBOURS + 1) : own + NEIGHBOURS]
            near = same[_differing(hashes.bits[same], hashes.bits[[place]]) <= NEAR]
            others = hashes.ids[near[near != place]]
            yield np.column_stack([np.full_like(others, hashes.ids[place]), others])


def _part(bits: Bits, band: int) -> NDArray[np.uint16]:
    part: NDArray[np.uint16] = bits.view(np.uint16).reshape(-1, BANDS)[:, band]
    return part


def _of_bursts(hashes: Hashes, now: Current) -> Pairs:
    """Taken within seconds by one camera, and not too different."""
    times, ids = now.in_order(TAKEN).among(hashes.ids)
    found: list[Pairs] = [np.empty((0, 2), np.int64)]
    for step in range(1, NEIGHBOURS):
        soon = np.flatnonzero(times[step:] - times[:-step] <= BURST_SECONDS)
        if not len(soon):
            break
        pairs = np.column_stack([ids[soon], ids[soon + step]])
        one, other = hashes.bits[np.searchsorted(hashes.ids, pairs.T)]
        found.append(pairs[_differing(one, other) <= NEAR_IN_BURST])
    pairs = np.concatenate(found)
    cameras = _having(pairs, now.by_value(CAMERAS))
    by_one: Pairs = pairs[(cameras[0] & cameras[1]).any(0)]
    return by_one


def _differing(some: Bits, others: Bits) -> NDArray[np.int64]:
    """In how many bits, row by row."""
    count: NDArray[np.int64] = np.bitwise_count(some ^ others).sum(1, np.int64)
    return count


def _have_same_colours(pairs: Pairs, colours: ByValue) -> NDArray[np.bool_]:
    """Whether at least half of the colours of both are the same."""
    one, other = _having(pairs, colours)
    same: NDArray[np.bool_] = 2 * (one & other).sum(0) >= (one | other).sum(0)
    return same


def _having(pairs: Pairs, column: ByValue) -> NDArray[np.bool_]:
    """(2, values, n): which values the first and the second of each pair have."""
    with column.lock:
        had = [np.isin(pairs.T, images.to_array()) for images in column.images.values()]
    return np.array(had, np.bool_).reshape(len(had), 2, len(pairs)).swapaxes(0, 1)


def _joined(pairs: Sequence[Sequence[int]]) -> dict[int, int]:
    """Of each id in a pair the smallest that it is joined with."""
    parent: dict[int, int] = {}

    def root(id_: int) -> int:
        while (above := parent.setdefault(id_, id_)) != id_:
            id_ = above
        return id_

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return {id_: root(id_) for id_ in list(parent)}
