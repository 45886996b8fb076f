"""A search engine in memory: words are looked up in captions, pictures compared by mean colour."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO

import numpy as np
from PIL import Image

from search.errors import ImageError, NotFoundError, QueryError, Reason
from search.query import check
from search.records import (
    Caption,
    Description,
    Device,
    Failure,
    FileStamp,
    Filters,
    Hit,
    ImageRecord,
    LibraryStats,
    Location,
    Orientation,
    Query,
    Relevance,
    Root,
    SearchResult,
    Sort,
    Space,
    Tag,
)

ADDED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ROOT = Root(1, "default", b"/photos", 1, 100)


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = (60, 40)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()


@dataclass(frozen=True)
class Picture:
    """What the fake library holds of one image."""

    caption: str | None
    path: bytes
    data: bytes
    collection: str = "default"
    taken_at: datetime | None = None
    copies: int = 0


class FakeStore:
    def __init__(self, failures: Sequence[Failure] = ()) -> None:
        self._failures = list(failures)

    def roots(self, collection: str | None = None) -> list[Root]:
        return [ROOT]

    def failures(self, *, after: int = 0, limit: int | None = None) -> list[Failure]:
        return self._failures[after:][:limit]


class FakeTower:
    device = Device("cpu", "no CUDA device found")


class FakeEngine:
    """Answers at once, and the same every time."""

    encoder = FakeTower()

    def __init__(self, pictures: Sequence[Picture], failures: Sequence[Failure] = ()) -> None:
        self.store = FakeStore(failures)
        self.reason: str | None = None
        self.error: Exception | None = None  # raised by the next calls
        self.asked: list[Query] = []
        self._pictures = dict(enumerate(pictures, start=1))
        self._records = {id_: _record(id_, picture) for id_, picture in self._pictures.items()}
        self._colours = {id_: _colour(picture.data) for id_, picture in self._pictures.items()}

    def search(self, query: Query) -> SearchResult:
        self._maybe_fail()
        check(query)
        self.asked.append(query)
        scores = {
            id_: self._score(query, id_)
            for id_, record in self._records.items()
            if id_ != query.image_id and _passes(record, query.filters)
        }
        floor = max(query.min_score or 0.0, 0.0 if query.any_relevance else 0.15)
        ranked = sorted((-score, id_) for id_, score in scores.items() if score >= floor)
        if query.sort is not Sort.RELEVANCE:
            ranked.sort(key=lambda pair: self._date(pair[1]), reverse=query.sort is Sort.NEWEST)
        page = ranked[query.offset : query.offset + query.limit]
        hits = [
            Hit(
                rank=query.offset + place + 1,
                score=-score,
                relevance=_relevance(-score),
                cosines={Space.IMAGE: round(-score / 2, 4)},
                matched_by=("picture", "caption"),
                image=self._records[id_],
            )
            for place, (score, id_) in enumerate(page)
        ]
        return SearchResult(hits, len(ranked), revision=3, took_ms=1.25)

    def describe(self, image: bytes) -> Description:
        self._maybe_fail()
        nearest = self.search(Query(image=image, limit=3, any_relevance=True)).hits
        return Description(
            nearest[0].image.caption if nearest else None, (Tag("fruit", 0.75),), nearest
        )

    def image(self, image_id: int) -> ImageRecord:
        self._maybe_fail()
        if image_id not in self._records:
            raise NotFoundError(f"there is no image {image_id}")
        return self._records[image_id]

    def images(
        self, filters: Filters, sort: Sort, cursor: str | None, limit: int
    ) -> tuple[list[ImageRecord], str | None]:
        self._maybe_fail()
        start = _read_cursor(cursor)
        kept = [record for record in self._records.values() if _passes(record, filters)]
        kept.sort(key=lambda record: self._date(record.id), reverse=sort is not Sort.OLDEST)
        more = str(start + limit) if len(kept) > start + limit else None
        return kept[start : start + limit], more

    def thumbnail(self, image_id: int, width: int) -> tuple[bytes, str]:
        record = self.image(image_id)
        with Image.open(io.BytesIO(self._pictures[image_id].data)) as picture:
            small = picture.convert("RGB")
        small.thumbnail((width, width))
        file = io.BytesIO()
        small.save(file, "JPEG", quality=85)
        return file.getvalue(), f'"{record.content_hash[:32]}-{width}"'

    def original(self, image_id: int) -> tuple[BinaryIO, str, str]:
        record = self.image(image_id)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - handed over open
        file.write(self._pictures[image_id].data)
        file.seek(0)
        name = (record.path or b"").rsplit(b"/", 1)[-1]
        return file, "image/jpeg", name.decode("utf-8", "surrogateescape")

    def stats(self) -> LibraryStats:
        self._maybe_fail()
        collections: dict[str, int] = {}
        for record in self._records.values():
            collections[record.collection] = collections.get(record.collection, 0) + 1
        return LibraryStats(
            images=len(self._records),
            locations=sum(len(record.locations) for record in self._records.values()),
            skipped=len(self.store.failures()),
            captions=sum(bool(record.captions) for record in self._records.values()),
            collections=collections,
            model="fake",
            captioner="fake",
            revision=3,
        )

    def not_ready(self) -> str | None:
        self._maybe_fail()
        return self.reason

    def _maybe_fail(self) -> None:
        if self.error is not None:
            raise self.error

    def _score(self, query: Query, image_id: int) -> float:
        scores = []
        if query.text:
            words = set(query.text.lower().split())
            found = set((self._records[image_id].caption or "").lower().split())
            scores.append(len(words & found) / len(words))
        if query.image is not None:
            scores.append(_likeness(_colour(query.image), self._colours[image_id]))
        likes = [query.image_id, *query.more_like]
        for like in (like for like in likes if like is not None):
            if like not in self._colours:
                raise NotFoundError(f"there is no image {like}")
            scores.append(_likeness(self._colours[like], self._colours[image_id]))
        return round(sum(scores) / len(scores), 4)

    def _date(self, image_id: int) -> tuple[datetime, int]:
        record = self._records[image_id]
        return record.taken_at or record.added_at, image_id


def fruit_engine(more: Sequence[Picture] = ()) -> FakeEngine:
    """Three fruits and a car in two collections, and one skipped file."""
    pictures = [
        Picture("a red apple on a table", b"fruit/apple.jpg", jpeg((200, 30, 30))),
        Picture("a green apple", b"fruit/green.jpg", jpeg((30, 200, 30), (40, 60))),
        Picture(
            "a red cherry",
            b"fruit/cherry.jpg",
            jpeg((210, 20, 40)),
            taken_at=datetime(2024, 7, 2, 10, 11, 12, tzinfo=UTC),
            copies=2,
        ),
        Picture("a blue car", b"cars/\xff\xfe.jpg", jpeg((20, 30, 200)), collection="cars"),
        *more,
    ]
    skipped = Failure(b"/photos/notes/broken.jpg", Reason.TRUNCATED, "ends early", 1, ADDED)
    return FakeEngine(pictures, [skipped])


def _record(image_id: int, picture: Picture) -> ImageRecord:
    with Image.open(io.BytesIO(picture.data)) as opened:
        width, height = opened.size
        format_ = opened.format or "JPEG"
    place = Location(1, picture.path, b"/photos/" + picture.path, FileStamp(len(picture.data), 1))
    copies = [
        replace(place, path=b"copy%d/" % n + picture.path) for n in range(1, picture.copies + 1)
    ]
    captions = (Caption(picture.caption, "en", "fake"),) if picture.caption else ()
    return ImageRecord(
        id=image_id,
        collection=picture.collection,
        content_hash=hashlib.sha256(picture.data + picture.path).hexdigest(),
        format=format_,
        width=width,
        height=height,
        taken_at=picture.taken_at,
        added_at=ADDED,
        locations=(place, *copies),
        captions=captions,
    )


def _colour(data: bytes) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return np.asarray(picture.convert("RGB").resize((1, 1)), dtype=np.float64)[0, 0]
    except Exception:
        raise ImageError("the picture", Reason.NOT_AN_IMAGE) from None


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    return max(0.0, 1 - float(np.abs(one - other).mean()) / 100)


def _relevance(score: float) -> Relevance:
    if score >= 0.5:
        return Relevance.STRONG
    return Relevance.WEAK if score >= 0.15 else Relevance.NONE


def _passes(record: ImageRecord, filters: Filters) -> bool:
    shape = (
        Orientation.SQUARE
        if record.width == record.height
        else Orientation.LANDSCAPE
        if record.width > record.height
        else Orientation.PORTRAIT
    )
    folder = (record.path or b"").decode("utf-8", "replace")
    at = record.taken_at
    return (
        (not filters.collections or record.collection in filters.collections)
        and (not filters.folders or any(folder.startswith(f + "/") for f in filters.folders))
        and (not filters.orientations or shape in filters.orientations)
        and (not filters.formats or record.format in filters.formats)
        and (not filters.taken_after or (at is not None and at >= filters.taken_after))
        and (not filters.taken_before or (at is not None and at < filters.taken_before))
    )


def _read_cursor(cursor: str | None) -> int:
    try:
        return int(json.loads(cursor)) if cursor else 0
    except ValueError:
        raise QueryError("this is no cursor that a page of images gave", "/cursor") from None
