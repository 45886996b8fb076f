"""Bitmaps of what filters ask for: the same as SQL, and in step with every change."""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import numpy as np
import pytest

from search.columns import KEPT, Columns
from search.filters import FILTERS, PLACES, Column, Filters, OneOf, faceted
from search.findings import Code, Finding
from search.records import Attribute, Caption, ColumnChanges, FileStamp
from search.store import Store
from tests.contracts.filters import (
    STAMP,
    Answer,
    FilterContract,
    everything,
    fill,
    questions,
)
from tests.contracts.store import ENCODER, add
from tests.vectors import unit


@pytest.fixture
def columns(store: Store) -> Columns:
    return Columns(store)


class TestBitmaps(FilterContract):
    @pytest.fixture
    def answer(self, columns: Columns) -> Answer:
        return lambda filters: columns.ids(filters).tolist()


def some_change(store: Store, chance: random.Random, number: int) -> None:
    """What a run beside us may do to a library."""
    records = everything(store)
    record = chance.choice(records)
    place = chance.choice(record.locations)
    root = next(root for root in store.roots.all() if root.id == place.root_id)
    known = store.files.known(root)[place.path].location_id
    aside = b"moved/%d.jpg" % number
    match chance.randrange(7):
        case 0:
            fill(store, chance, 3, first=1000 * (number + 1))
        case 1:
            store.images.remove([record.id])
        case 2:
            store.files.move(root, [(known, aside, FileStamp(1, 2))])
        case 3:
            store.files.add(root, [(record.id, aside, STAMP)])
        case 4:
            store.files.remove([known])
        case 5:
            store.removals.remove([place.absolute])
        case 6:
            store.roots.ensure("shop", b"/shop", 1)


def test_bitmaps_follow_whatever_happens_to_a_library(store: Store, columns: Columns) -> None:
    chance = random.Random(5)
    fill(store, chance)
    for number in range(25):
        some_change(store, chance, number)
        records = everything(store)
        assert columns.ids(Filters()).tolist() == [record.id for record in records]
        for kind in FILTERS:
            for filters in list(questions(kind, store, chance))[:12]:
                matching = [record.id for record in records if filters.match(record)]
                assert columns.ids(filters).tolist() == matching, (number, filters)
        for kind in faceted():
            assert columns.counts(kind, Filters()) == counted(store, kind)


def counted(store: Store, kind: OneOf, filters: Filters | None = None) -> dict[str, int]:
    found: Counter[str] = Counter()
    for record in everything(store):
        if filters is None or filters.match(record):
            found.update(map(str, kind.column.of(record)))
    return dict(found)


@pytest.mark.parametrize("kind", faceted(), ids=lambda kind: kind.name)
def test_counts_are_those_of_the_images_that_pass(
    kind: OneOf, store: Store, columns: Columns
) -> None:
    fill(store, random.Random(3))
    for filters in (Filters(), Filters(format="jpg"), Filters(folder="2024", collection="all")):
        assert columns.counts(kind, filters) == counted(store, kind, filters)
    assert columns.counts(kind, Filters(folder="nowhere")) == {}


def test_an_answer_is_whole_again_after_a_change(store: Store, columns: Columns) -> None:
    fill(store, random.Random(3), 8)
    png = Filters(format="png")
    for first in (100, 200):
        kept = columns.ids(png)
        assert kept.tolist() == columns.ids(png).tolist() == store.images.allowed_ids(png).tolist()
        fill(store, random.Random(first), 20, first=first)
    assert len(columns.ids(png)) > len(kept)


def test_more_questions_than_are_kept(store: Store, columns: Columns) -> None:
    fill(store, random.Random(3), 8)
    for day in range(KEPT + 3):
        asked = Filters(taken_after=f"2024-02-{1 + day:02}")
        assert columns.ids(asked).tolist() == store.images.allowed_ids(asked).tolist()


def test_some_images_are_left_out(store: Store, columns: Columns) -> None:
    ids = fill(store, random.Random(3), 8)
    assert columns.ids(Filters(), without=[ids[5], 10**6, ids[0], 0]).tolist() == [
        *ids[1:5],
        *ids[6:],
    ]
    assert columns.ids(Filters(folder="nowhere"), without=[1]).tolist() == []
    assert columns.ids(Filters()).tolist() == ids


def test_searches_beside_each_other_get_whole_answers(store: Store, columns: Columns) -> None:
    fill(store, random.Random(3), 40)
    asked = [Filters(format="png"), Filters(folder="2024"), Filters(orientation="square")]
    wanted = [store.images.allowed_ids(filters) for filters in asked]

    def ask(number: int) -> bool:
        return np.array_equal(columns.ids(asked[number % 3]), wanted[number % 3])

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(60)))


def test_what_a_repair_takes_away_is_no_value_any_more(store: Store, columns: Columns) -> None:
    (id_,) = add(store, "a")
    store.encoders.bind(ENCODER, None)
    store.captions.add(ENCODER, [(id_, Caption("mine", "en", "human"), unit(5))])
    camera = Filters(camera="Camera a")
    assert columns.ids(camera).tolist() == [id_]
    store.integrity.repair([Finding(Code.ATTRIBUTE_DAMAGED, "", image_id=id_)])
    assert store.images.allowed_ids(camera).tolist() == columns.ids(camera).tolist() == []


def test_names_that_nothing_has_are_not_kept(store: Store, columns: Columns) -> None:
    (id_,) = add(store, "a")
    store.facts.add({id_: (Attribute("product:brand", "Acme"),)})
    assert columns.ids(Filters(attributes="brand:acme")).tolist() == [id_]
    kept = set(columns.current()._columns)
    for number in range(3):
        assert not len(columns.ids(Filters(attributes=[f"x{number}:1", "brand:acme"])))
    assert set(columns.current()._columns) == kept


class Waiting:
    """The values of a library, where one column takes long to read."""

    def __init__(self, store: Store, column: Column) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.revision, self.images, self.values = store.revision, store.images, self
        self._read = store.values.changes
        self._column = column

    def changes(self, column: Column, since: int) -> ColumnChanges:
        if column == self._column:
            self.begun.set()
            assert self.may_end.wait(10)
        return self._read(column, since)


def test_filling_a_column_holds_up_nobody_who_asks_for_another(store: Store) -> None:
    ids = fill(store, random.Random(3), 8)
    library = Waiting(store, PLACES)
    columns = Columns(cast(Store, library))
    with ThreadPoolExecutor(1) as threads:
        folders = threads.submit(columns.ids, Filters(folder="nowhere"))
        assert library.begun.wait(10)
        try:
            assert columns.ids(Filters()).tolist() == ids
            assert not folders.done()
        finally:
            library.may_end.set()
        assert folders.result().tolist() == []
