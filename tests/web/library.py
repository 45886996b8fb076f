"""A small library on disk, and the real engine over it. Only the towers are fakes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import cast

from search.calibration import Calibration, Curve, Sum
from search.engine import SearchEngine
from search.errors import Reason
from search.images import LocalDecoder
from search.index import open_indexes
from search.model import Model
from search.query import Query
from search.records import Caption, Failure, FileStamp, NewImage, Root, SearchResult
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeCaptioner, WordEncoder
from tests.pictures import jpeg

ENCODER = WordEncoder()
CAPTIONER = FakeCaptioner(ENCODER)

# By cosine alone, so that an answer does not change with what else is in the library. Strong from
# two words of six, weak from one in four, nothing from what two random vectors have in common.
CALIBRATION = Calibration(
    Curve(
        (
            Sum(-5.2, {"image": (0.0, 3.0), "caption": (0.0, 10.0)}),
            Sum(-5.2, {"image": (0.0, 10.0)}),
            Sum(-5.2, {"caption": (0.0, 10.0)}),
        )
    )
)


@dataclass(frozen=True)
class Picture:
    """One file of the library, and the caption that goes with it."""

    caption: str | None
    path: bytes  # below the root
    data: bytes
    collection: str = "default"
    copies: int = 0  # of this file, in folders copy1, copy2...


FRUIT = (
    Picture("a red apple on a table", b"fruit/apple.jpg",
            jpeg((200, 30, 30), taken_at=datetime(2025, 1, 5, 9, tzinfo=UTC))),
    Picture("a green apple", b"fruit/green.jpg",
            jpeg((30, 200, 30), (40, 60), taken_at=datetime(2025, 6, 5, 9, tzinfo=UTC))),
    Picture("a red cherry", b"fruit/cherry.jpg",
            jpeg((210, 20, 40), taken_at=datetime(2024, 7, 2, 10, 11, 12, tzinfo=UTC)), copies=2),
    Picture("a blue car", b"cars/\xff\xfe.jpg", jpeg((20, 30, 200)), collection="cars"),
)  # fmt: skip


class WatchedEngine(SearchEngine):
    """The engine, and what it was asked."""

    def __init__(self, library: Path) -> None:
        settings = Settings(library=library)
        store = Store.open(settings)
        super().__init__(
            settings,
            store,
            Model.over(
                store,
                ENCODER,
                CAPTIONER,
                open_indexes("faiss:flat", ENCODER.info.dim),
                CALIBRATION,
            ),
            LocalDecoder(),
        )
        self.asked: list[Query] = []

    def search(self, query: Query) -> SearchResult:
        self.asked.append(query)
        return super().search(query)

    def break_with(self, error: Exception) -> None:
        """From now on, whatever needs the catalogue fails like this."""
        self.store.close()
        self.store = cast(Store, BrokenStore(error))


class BrokenStore:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def close(self) -> None: ...

    def __getattr__(self, name: str) -> object:
        raise self._error


def fruit_library(folder: Path, more: Sequence[Picture] = ()) -> Path:
    """Three fruits and a car in two collections, one skipped file, and `more`."""
    library = make_library(folder, [*FRUIT, *more])
    said = "image file is truncated (3 bytes not processed)"  # as older versions stored it
    skip(library, {b"notes/broken.jpg": Reason.TRUNCATED}, said)
    return library


def make_library(folder: Path, pictures: Sequence[Picture]) -> Path:
    """Files below folder/photos and the library over them; ids go up from 1 as they come."""
    settings = Settings(library=folder / "library")
    with Store.create(settings) as store:
        store.encoders.bind(ENCODER.info, CAPTIONER.name)
    add_pictures(settings.library, pictures)
    return settings.library


def add_pictures(library: Path, pictures: Sequence[Picture]) -> None:
    """More files and images, as a run beside a server would add them."""
    with Store.open(Settings(library=library)) as store:
        for collection, some in groupby(pictures, lambda picture: picture.collection):
            root = _root(store, library.parent, collection)
            _add(store, root, list(some))


def skip(library: Path, files: dict[bytes, Reason], detail: str = "") -> None:
    """Files below the root of the fruits that could not be read."""
    with Store.open(Settings(library=library)) as store:
        root = _root(store, library.parent, "default")
        failed = [
            (path, Failure(os.path.join(root.path, path), reason, detail))
            for path, reason in files.items()
        ]
        store.failures.record(root, failed)


def _root(store: Store, folder: Path, collection: str) -> Root:
    photos = folder / "photos"
    photos.mkdir(exist_ok=True)
    return store.roots.ensure(collection, bytes(photos), photos.stat().st_dev)


def _add(store: Store, root: Root, pictures: Sequence[Picture]) -> None:
    batch = [(p.path, _write(root, p.path, p.data), _embedded(p)) for p in pictures]
    ids = store.images.add(root, ENCODER.info, batch)
    for id_, picture in zip(ids, pictures, strict=True):
        copies = [b"copy%d/%s" % (n, picture.path) for n in range(1, picture.copies + 1)]
        found = [(id_, path, _write(root, path, picture.data)) for path in copies]
        if found:
            store.files.add(root, found)


def _write(root: Root, path: bytes, data: bytes) -> FileStamp:
    file = os.path.join(root.path, path)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "wb") as out:
        out.write(data)
    about = os.stat(file)
    return FileStamp(about.st_size, about.st_mtime_ns)


def _embedded(picture: Picture) -> NewImage:
    decoded = LocalDecoder().decode(picture.data, [ENCODER.preprocessing], uri=repr(picture.path))
    vector = ENCODER.encode_images(decoded.pixels[0]).vectors[0]
    if picture.caption is None:
        return NewImage(decoded, vector)
    caption = Caption(picture.caption, "en", CAPTIONER.name)
    return NewImage(decoded, vector, caption, ENCODER.encode_texts([picture.caption])[0])
