"""What holds of every filter of the table, whoever answers it: SQL, bitmaps, a record itself."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from search.filters import FILTERS, Below, Choice, Filter, Filters, Moment, Numbers, Pairs, Period
from search.records import (
    Attribute,
    DecodedImage,
    EncoderInfo,
    FileStamp,
    ImageRecord,
    NewImage,
    Sort,
)
from search.store import Store
from search.swatches import SWATCHES
from tests.pictures import jpeg
from tests.vectors import unit

ENCODER = EncoderInfo(name="fake", dim=8, fingerprint="fake-1")
STAMP = FileStamp(size=10, mtime_ns=20)
ROOTS = ((b"/photos", "default"), (b"/shop/2024", "shop"), (b"/", "all"))
FOLDERS = (b"", b"2024/", b"2024/beach/", b"2024/be/", b"2024-old/", b"photos/", b"\xff/a%b_c/")
THUMBNAIL = jpeg((9, 9, 9))

Answer = Callable[[Filters], Sequence[int]]


def fill(store: Store, chance: random.Random, count: int = 60, first: int = 0) -> list[int]:
    """Random pictures in several roots, some of them in two places; their ids."""
    ids: list[int] = []
    numbers = range(first, first + count)
    homes = {number: chance.choice(ROOTS) for number in numbers}
    for path, collection in ROOTS:
        mine = [number for number in numbers if homes[number] == (path, collection)]
        root = store.roots.ensure(collection, path, 1)
        files = [chance.choice(FOLDERS) + b"%d.jpg" % number for number in mine]
        batch = [(f, STAMP, _picture(n, chance)) for f, n in zip(files, mine, strict=True)]
        added = store.images.add(root, ENCODER, batch)
        again = [id_ for id_ in added if chance.random() < 0.2]
        places = [(id_, chance.choice(FOLDERS) + b"again-%d.jpg" % id_, STAMP) for id_ in again]
        store.files.add(root, places)
        ids += added
    return ids


def _picture(number: int, chance: random.Random) -> NewImage:
    day = datetime(2023, 11, 20, tzinfo=UTC) + timedelta(seconds=chance.randrange(9_000_000))
    decoded = DecodedImage(
        content_hash=f"{number:064x}",
        format=chance.choice(["JPEG", "PNG", "HEIF"]),
        width=chance.choice([30, 40]),
        height=chance.choice([30, 40]),
        taken_at=day if chance.random() < 0.8 else None,
        thumbnail=THUMBNAIL,
        pixels=(),
        facts=_facts(chance),
    )
    return NewImage(decoded, unit(number))


def _facts(chance: random.Random) -> tuple[Attribute, ...]:
    cameras = (
        Attribute("camera", "Canon EOS 5D"),
        Attribute("camera", "相机 5"),
        Attribute("f", "x"),
    )
    colours = [Attribute("colour", name, 0.4) for name in chance.sample(list(SWATCHES), 2)]
    return (*chance.sample(cameras, chance.randint(0, 2)), *colours, *_of_a_product(chance))


def _of_a_product(chance: random.Random) -> tuple[Attribute, ...]:
    prices = chance.sample([1.0, 9.99, 10.0, 30.0, 1e9], chance.randint(0, 2))
    brands = chance.sample(["Acme", "ACME", "Ä'; --", "b:c", "Ébène"], chance.randint(0, 2))
    return (
        *(Attribute("product:price", number=price) for price in prices),
        *(Attribute("product:brand", brand) for brand in brands),
        Attribute("product:sku", chance.choice("ABC")),
        Attribute("product:availability", chance.choice(["in_stock", "out_of_stock"])),
    )


def everything(store: Store) -> list[ImageRecord]:
    return store.images.page(Filters(), Sort.RELEVANCE, None, 10_000)[0]


def some_values(kind: Filter, records: Sequence[ImageRecord], chance: random.Random) -> list[Any]:
    """Values worth asking for: such as there are, beside them, and such as there are not."""
    if isinstance(kind, Below):
        return _folders(records, chance)
    if isinstance(kind.values, Choice):
        return list(kind.values.options)
    if isinstance(kind.values, Numbers):
        return ["<10", "<=10", ">9.99", ">=30", "2..29", "10", 1e9, {"gt": 1, "lt": 30}]
    if isinstance(kind.values, Pairs):
        return ["brand:acme", "brand:Ébène", "brand:b:c", "Brand:Ä'; --", "size:acme", "brand:x"]
    there = [value for record in records for value in kind.column.of(record)]  # type: ignore[attr-defined]
    if isinstance(kind.values, Moment):
        steps = [timedelta(seconds=step) for step in (-1, 0, 1)]
        return [value + step for value in chance.sample(there, 5) for step in steps]
    some = chance.sample(sorted(set(there)), min(3, len(set(there))))
    if isinstance(kind.values, Period):
        return [*some, kind.values.example, "0001-02"[: kind.values.length]]
    return [*some, "nowhere", "Ä'; --"]


def _folders(records: Sequence[ImageRecord], chance: random.Random) -> list[str]:
    places = [place for record in records for place in record.locations]
    found = {"2024", "2024/", "/2024", "2024/be", "/", "/sho", "/shop", "/photos", "nowhere"}
    for place in chance.sample(places, 12):
        found |= {os.fsdecode(os.path.dirname(path)) for path in (place.path, place.absolute)}
    return sorted(found - {""})


def questions(kind: Filter, store: Store, chance: random.Random) -> Iterator[Filters]:
    values = some_values(kind, everything(store), chance)
    for value in values:
        yield Filters(**{kind.name: value})
        if kind.many:
            yield Filters(**{kind.name: (value, chance.choice(values))})


class FilterContract:
    """A test class inherits this and gives `answer`, by which the images of `store` are found."""

    @pytest.fixture
    def chance(self) -> random.Random:
        return random.Random(11)

    @pytest.fixture
    def answer(self, store: Store) -> Answer:
        raise NotImplementedError

    @pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.name)
    def test_the_images_that_pass_are_those_that_match(
        self, kind: Filter, store: Store, answer: Answer, chance: random.Random
    ) -> None:
        fill(store, chance)
        records, found = everything(store), 0
        for filters in questions(kind, store, chance):
            matching = [record.id for record in records if filters.match(record)]
            assert list(answer(filters)) == matching, filters
            found += 0 < len(matching) < len(records)
        assert found

    def test_all_filters_must_hold(
        self, store: Store, answer: Answer, chance: random.Random
    ) -> None:
        fill(store, chance)
        records = everything(store)
        for _ in range(30):
            some = chance.sample(FILTERS, chance.randint(2, len(FILTERS)))
            given = {kind.name: chance.choice(some_values(kind, records, chance)) for kind in some}
            filters = Filters(**given)
            matching = [record.id for record in records if filters.match(record)]
            assert list(answer(filters)) == matching, filters

    def test_without_a_filter_all_pass(
        self, store: Store, answer: Answer, chance: random.Random
    ) -> None:
        assert list(answer(Filters())) == []
        ids = fill(store, chance, 5)
        assert list(answer(Filters())) == ids
