"""Columns: compressed bitmaps of image ids by what filters ask for, in step with the store.

SQL answers a filter by reading every id that passes it. Here a filter is a bitmap that is kept, a
conjunction an AND of bitmaps, and the count of a facet the size of an intersection. Filled when a
filter is first asked for; from then on it follows by revision, as the indexes do.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left
from collections import OrderedDict, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import singledispatch
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from .filters import (
    ID,
    PLACES,
    Before,
    Below,
    Between,
    Column,
    Fact,
    Filter,
    Filters,
    From,
    Having,
    OneOf,
    Pair,
    absolute,
    folded,
    relative,
    second,
)
from .ranges import Range
from .records import Ids
from .store import Store
from .store.values import Values

Bitmap = BitMap  # of image ids
KEPT = 16  # answers: paging and refining ask for the same filters again


class Held(ABC):
    """One column, in the shape in which it is asked."""

    def __init__(self) -> None:
        self.revision = 0
        self.lock = threading.RLock()  # nobody may read a bitmap while it changes

    def follow(self, values: Values, column: Column, head: int) -> None:
        """To this revision, or a later one."""
        with self.lock:
            if self.revision < head:
                changes = values.changes(column, self.revision)
                if len(changes.stale):
                    self.forget(_bitmap(changes.stale))
                self.add(changes.rows)
                self.revision = changes.revision

    @abstractmethod
    def forget(self, stale: BitMap) -> None:
        """These images have no value any more."""

    @abstractmethod
    def add(self, rows: Sequence[tuple[Any, ...]]) -> None: ...


Shape = TypeVar("Shape", bound=Held)


class Present(Held):
    """All images."""

    def __init__(self) -> None:
        super().__init__()
        self.images = BitMap()

    def forget(self, stale: BitMap) -> None:
        self.images -= stale

    def all(self) -> BitMap:
        with self.lock:
            return self.images.copy()

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.images.update(BitMap(array("I", [row[0] for row in rows])))


class ByValue(Held):
    """The images that have a value."""

    def __init__(self) -> None:
        super().__init__()
        self.images: dict[Any, BitMap] = {}

    def forget(self, stale: BitMap) -> None:
        for images in self.images.values():
            images -= stale

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        _gather(self.images, ((value, id_) for id_, value in rows if value is not None))

    def any_of(self, values: Iterable[Any]) -> BitMap:
        with self.lock:
            return _union([self.images[value] for value in values if value in self.images])

    def folded(self, wanted: Container[str]) -> BitMap:
        """Of the values that are one of `wanted`, folded."""
        with self.lock:
            return _union([had for value, had in self.images.items() if folded(value) in wanted])

    def sizes(self, among: BitMap | None) -> dict[Any, int]:
        """How many images have each value; None: among all."""
        with self.lock:
            if among is None:
                return {value: len(had) for value, had in self.images.items()}
            return {v: among.intersection_cardinality(had) for v, had in self.images.items()}


class InOrder(Held):
    """The images by a number, from the smallest on."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = np.empty(0, np.float64)
        self._ids = np.empty(0, np.uint32)

    def forget(self, stale: BitMap) -> None:
        kept = ~np.isin(self._ids, stale.to_array())
        self._numbers, self._ids = self._numbers[kept], self._ids[kept]

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        known = np.array([row for row in rows if row[1] is not None], np.float64).reshape(-1, 2)
        ids = np.append(self._ids, known[:, 0].astype(np.uint32))
        numbers = np.append(self._numbers, known[:, 1])
        order = np.argsort(numbers, kind="stable")
        self._numbers, self._ids = numbers[order], ids[order]

    def below(self, number: int) -> BitMap:
        with self.lock:
            return _bitmap(self._ids[: np.searchsorted(self._numbers, number)])

    def among(self, ids: Ids) -> tuple[NDArray[np.float64], Ids]:
        """The numbers of those of these images that have one, from the smallest on, and the ids."""
        with self.lock:
            mine = np.isin(self._ids, ids)
            return self._numbers[mine], self._ids[mine].astype(np.int64)

    def not_below(self, number: int) -> BitMap:
        with self.lock:
            return _bitmap(self._ids[np.searchsorted(self._numbers, number) :])

    def within(self, range_: Range) -> BitMap:
        with self.lock:
            first = np.searchsorted(
                self._numbers, range_.low, "left" if range_.gt is None else "right"
            )
            end = np.searchsorted(
                self._numbers, range_.high, "right" if range_.lt is None else "left"
            )
            return _bitmap(self._ids[first:end])


class ByImage(Held):
    """A number for the value that an image has, the same for the same value."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[Any, int] = {}
        self._of: dict[int, int] = {}

    def forget(self, stale: BitMap) -> None:
        for id_ in stale:
            self._of.pop(id_, None)

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        for id_, value in rows:
            if value is not None:  # of several the first one
                self._of.setdefault(id_, self._numbers.setdefault(value, len(self._numbers)))

    def numbers(self, ids: Ids) -> Ids:
        """Below 0 where an image has no value."""
        with self.lock:
            found = [self._of.get(id_, -1) for id_ in ids.tolist()] if self._of else -1
        return np.full(len(ids), found, np.int64)


class InFolders(Held):
    """The images in each folder, by its path with a "/" at the end: relative, and absolute."""

    def __init__(self) -> None:
        super().__init__()
        self._folders: tuple[dict[bytes, BitMap], dict[bytes, BitMap]] = {}, {}
        self._sorted: tuple[list[bytes], list[bytes]] = [], []

    def forget(self, stale: BitMap) -> None:
        for folders in self._folders:
            for images in folders.values():
                images -= stale

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        paths = [(id_, path, os.path.join(root, path)) for id_, root, path in rows]
        _gather(self._folders[0], ((_folder(path), id_) for id_, path, _ in paths))
        _gather(self._folders[1], ((_folder(path), id_) for id_, _, path in paths))
        self._sorted = sorted(self._folders[0]), sorted(self._folders[1])

    def below(self, start: bytes, *, on_disk: bool) -> BitMap:
        end = start[:-1] + b"0"  # the byte after "/"
        with self.lock:
            folders, names = self._folders[on_disk], self._sorted[on_disk]
            inside = names[bisect_left(names, start) : bisect_left(names, end)]
            return _union([folders[name] for name in inside])


@dataclass(frozen=True, slots=True)
class Current:
    """Columns as they are at a revision, or later."""

    store: Store
    revision: int
    _columns: dict[Column, Held]

    def everything(self) -> BitMap:
        return self.column(ID, Present).all()

    def by_value(self, column: Column) -> ByValue:
        return self.column(column, ByValue)

    def in_order(self, column: Column) -> InOrder:
        return self.column(column, InOrder)

    def in_folders(self) -> InFolders:
        return self.column(PLACES, InFolders)

    def by_image(self, column: Column) -> ByImage:
        held = self._columns.setdefault(replace(column, name=f"{column.name} by image"), ByImage())
        assert isinstance(held, ByImage)
        held.follow(self.store.values, column, self.revision)
        return held

    def passing(self, filters: Filters) -> BitMap:
        found = [bitmap(kind, values, self) for kind, values in filters.conditions()]
        return BitMap.intersection(*found) if found else self.everything()

    def has(self, column: Fact) -> bool:
        """Whether any image does; else it is but a name that somebody asks for, and not kept."""
        return column in self._columns or self.store.values.has(column)

    def column(self, column: Column, shape: type[Shape]) -> Shape:
        """Brought to this revision."""
        held = self._columns.setdefault(column, shape())
        assert isinstance(held, shape)
        held.follow(self.store.values, column, self.revision)
        return held


class Columns:
    """The columns of one library; safe to share between threads.

    Who fills a column, which may take a while, holds up only those who ask for that one.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._columns: dict[Column, Held] = {}
        self._answers: OrderedDict[Filters, BitMap] = OrderedDict()  # all of one revision
        self._answered = 0
        self._lock = threading.Lock()  # of the answers

    def ids(self, filters: Filters, without: Sequence[int] = ()) -> Ids:
        """Ascending ids of the images that pass."""
        ids = _ids(self._passing(filters, self.current()))
        return _less(ids, np.array(without, np.int64)) if without else ids

    def counts(self, kind: OneOf, filters: Filters, without: Sequence[int] = ()) -> dict[str, int]:
        """How many of the images that pass have each value, without those that none has."""
        current = self.current()
        passing = self._passing(filters, current) if filters or without else None
        if passing is not None and without:
            passing = passing - BitMap(without)
        return _counts(current, kind, passing)

    def counts_among(self, kind: OneOf, ids: Ids) -> dict[str, int]:
        """How many of these images have each value, without those that none has."""
        return _counts(self.current(), kind, _bitmap(ids))

    def numbers(self, column: Column, ids: Ids) -> Ids:
        """Of each image a number that it shares with those of the same value; below 0: of none."""
        return self.current().by_image(column).numbers(ids)

    def current(self) -> Current:
        """At the store's revision."""
        return Current(self.store, self.store.revision(), self._columns)

    def _passing(self, filters: Filters, current: Current) -> BitMap:
        """Not to be changed: it is kept."""
        with self._lock:
            if self._answered < current.revision:
                self._answers.clear()
                self._answered = current.revision
            known = self._answers.get(filters)
        images = current.passing(filters) if known is None else known
        with self._lock:
            if self._answered == current.revision:
                self._answers[filters] = images
                self._answers.move_to_end(filters)
                while len(self._answers) > KEPT:
                    self._answers.popitem(last=False)
        return images


def _counts(current: Current, kind: OneOf, among: BitMap | None) -> dict[str, int]:
    counts = current.by_value(kind.column).sizes(among)
    return {value: count for value, count in counts.items() if count}


@singledispatch
def bitmap(kind: Filter, values: Sequence[Any], columns: Current) -> BitMap:
    """What `kind.match` says, as image ids; a kind without a function here asks SQL."""
    return _bitmap(columns.store.images.allowed_ids(Filters(**{kind.name: values})))


@bitmap.register
def _one_of(kind: OneOf, values: Sequence[Any], columns: Current) -> BitMap:
    return columns.by_value(kind.column).any_of(map(str, values))


@bitmap.register
def _from(kind: From, values: Sequence[datetime], columns: Current) -> BitMap:
    return columns.in_order(kind.column).not_below(max(map(second, values)))


@bitmap.register
def _before(kind: Before, values: Sequence[datetime], columns: Current) -> BitMap:
    return columns.in_order(kind.column).below(min(map(second, values)))


@bitmap.register
def _between(kind: Between, values: Sequence[Range], columns: Current) -> BitMap:
    return _union([columns.in_order(kind.column).within(each) for each in values])


@bitmap.register
def _having(kind: Having, values: Sequence[Pair], columns: Current) -> BitMap:
    asked = [(kind.column(name), wanted) for name, wanted in kind.wanted(values).items()]
    if not all(columns.has(column) for column, _ in asked):
        return BitMap()
    return BitMap.intersection(
        *(columns.by_value(column).folded(wanted) for column, wanted in asked)
    )


@bitmap.register
def _below(kind: Below, values: Sequence[str], columns: Current) -> BitMap:
    folders = columns.in_folders()
    inside = [folders.below(relative(folder), on_disk=False) for folder in values]
    inside += [folders.below(absolute(f), on_disk=True) for f in values if f.startswith("/")]
    return _union(inside)


def _gather(into: dict[Any, BitMap], found: Iterable[tuple[Any, int]]) -> None:
    ids: defaultdict[Any, array[int]] = defaultdict(lambda: array("I"))
    for value, id_ in found:
        ids[value].append(id_)
    for value, some in ids.items():
        into.setdefault(value, BitMap()).update(BitMap(some))


def _folder(path: bytes) -> bytes:
    return path[: path.rfind(b"/") + 1]


def _union(bitmaps: Sequence[BitMap]) -> BitMap:
    return BitMap.union(*bitmaps) if bitmaps else BitMap()


def _bitmap(ids: NDArray[Any]) -> BitMap:
    return BitMap(array("I", np.asarray(ids, np.uint32).tobytes()))


def _less(ids: Ids, unwanted: Ids) -> Ids:
    """`ids` is large and sorted, `unwanted` small."""
    places = np.searchsorted(ids, unwanted)
    places, unwanted = places[places < len(ids)], unwanted[places < len(ids)]
    return np.delete(ids, places[ids[places] == unwanted])


def _ids(images: BitMap) -> Ids:
    return np.frombuffer(images.to_array(), np.uint32).astype(np.int64)
