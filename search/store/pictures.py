"""Image rows: adding pictures with all that belongs to them, reading, filtering, paging."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, select

from ..errors import LibraryDamagedError
from ..records import (
    Caption,
    DecodedImage,
    EncoderInfo,
    FileStamp,
    Filters,
    Ids,
    ImageRecord,
    LibraryStats,
    Location,
    NewImage,
    Root,
    Sort,
    Space,
)
from ..schema import caption, collection, embedding, encoder, failure, image, library
from ..schema import location as location_table
from ..schema import root as root_table
from ..thumbnails import Thumbnails
from .database import Database
from .discarding import removing
from .files import place
from .filtering import Cursor, beyond, conditions, sort_key
from .rows import chunks, crc, moment, now, remove_images, seconds
from .vectors import encoder_id, vector_row


class Pictures:
    """The part of the store that knows what a picture is."""

    _database: Database
    thumbnails: Thumbnails

    def image_ids(self, collection_name: str, hashes: Sequence[str]) -> dict[str, int]:
        """Which of these contents the collection has, and as which image."""
        query = (
            select(image.c.content_hash, image.c.id)
            .join(collection)
            .where(collection.c.name == collection_name)
        )
        found: dict[str, int] = {}
        with self._database.reading() as connection:
            for some in chunks(hashes):
                rows = connection.execute(query.where(image.c.content_hash.in_(some)))
                found |= {hash_: id_ for hash_, id_ in rows}
        return found

    def add_images(
        self,
        root: Root,
        info: EncoderInfo,
        batch: Sequence[tuple[bytes, FileStamp, NewImage]],
    ) -> list[int]:
        """Store pictures found at paths relative to `root`, in one transaction; their ids.

        The commit publishes them: from then on every search finds them. Content that the
        collection already has gets a further location and keeps its row.
        """
        made = ((new.decoded.content_hash, new.decoded.thumbnail) for _, _, new in batch)
        self.thumbnails.put_all(made)
        with removing(self._database, self.thumbnails) as (connection, revision, contents):
            owner = connection.execute(
                select(root_table.c.collection_id).where(root_table.c.id == root.id)
            ).scalar_one()
            towers = encoder_id(connection, info)
            known = _add(connection, owner, [new.decoded for _, _, new in batch])
            ids = [known[new.decoded.content_hash] for _, _, new in batch]
            seen = {id_: new for id_, (_, _, new) in zip(ids, batch, strict=True)}
            _put_evidence(connection, towers, revision, seen)
            places = [(id_, path, stamp) for id_, (path, stamp, _) in zip(ids, batch, strict=True)]
            contents += place(connection, root.id, places, revision).contents
        return ids

    def remove_images(self, ids: Sequence[int]) -> int:
        """Take images out of the library, their files untouched; how many there were.

        `add` takes them up again; see `remove` for what is to stay out.
        """
        with removing(self._database, self.thumbnails) as (connection, revision, contents):
            there: list[int] = []
            for some in chunks(ids):
                there += connection.scalars(select(image.c.id).where(image.c.id.in_(some)))
            gone = remove_images(connection, there, revision)
            contents += gone.contents
        return gone.images

    def add_captions(
        self, info: EncoderInfo, written: Sequence[tuple[int, Caption, np.ndarray[Any, Any]]]
    ) -> None:
        """(image id, caption, its vector), in one transaction; replaces the same source's words."""
        with self._database.changing() as (connection, revision):
            towers = encoder_id(connection, info)
            for some in chunks([id_ for id_, _, _ in written]):
                alive = set(connection.scalars(select(image.c.id).where(image.c.id.in_(some))))
                for id_, words, vector in written:
                    if id_ in alive:
                        _put_captions(connection, {id_: words})
                        _put_vectors(connection, Space.CAPTION, towers, revision, {id_: vector})

    def without_caption(self, language: str) -> list[int]:
        """Ids of images that have no caption in that language."""
        told = select(caption.c.image_id).where(caption.c.language == language)
        query = select(image.c.id).where(image.c.id.not_in(told)).order_by(image.c.id)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def add_vectors(self, info: EncoderInfo, embedded: Sequence[tuple[int, NewImage]]) -> None:
        """(image id, what another encoder made of it), in one transaction; the rows stay."""
        with self._database.changing() as (connection, revision):
            towers = encoder_id(connection, info)
            for some in chunks([id_ for id_, _ in embedded]):
                alive = set(connection.scalars(select(image.c.id).where(image.c.id.in_(some))))
                for id_, new in embedded:
                    if id_ in alive:
                        _put_evidence(connection, towers, revision, {id_: new})

    def without_vector(self, info: EncoderInfo) -> list[int]:
        """Ids of images that this encoder has not seen."""
        seen = (
            select(embedding.c.image_id)
            .join(encoder, encoder.c.id == embedding.c.encoder_id)
            .where(encoder.c.fingerprint == info.fingerprint)
            .where(embedding.c.space == Space.IMAGE.value, embedding.c.vector.is_not(None))
        )
        query = select(image.c.id).where(image.c.id.not_in(seen)).order_by(image.c.id)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def with_vector_until(self, info: EncoderInfo, revision: int) -> list[int]:
        """Ids of images whose image vector by this encoder is no younger than that revision."""
        query = (
            select(embedding.c.image_id)
            .join(encoder, encoder.c.id == embedding.c.encoder_id)
            .where(encoder.c.fingerprint == info.fingerprint)
            .where(embedding.c.space == Space.IMAGE.value, embedding.c.vector.is_not(None))
            .where(embedding.c.revision <= revision)
            .order_by(embedding.c.image_id)
        )
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def images(self, ids: Sequence[int]) -> dict[int, ImageRecord]:
        """Those of `ids` that exist, from one snapshot."""
        with self._database.reading() as connection:
            found: dict[int, ImageRecord] = {}
            for some in chunks(ids):
                found |= _read(connection, image.c.id.in_(some))
            return found

    def allowed_ids(self, filters: Filters) -> Ids:
        """Ascending ids of the images that pass every filter."""
        query = select(image.c.id).where(*conditions(filters)).order_by(image.c.id)
        with self._database.reading() as connection:
            return np.fromiter(connection.scalars(query), np.int64)

    def page(
        self, filters: Filters, sort: Sort, after: Cursor | None, limit: int
    ) -> tuple[list[ImageRecord], Cursor | None]:
        """One page, and the cursor of its last row if more follow. `sort` relevance: by id."""
        key, ascending = sort_key(sort)
        query = select(image.c.id, key.label("key")).where(*conditions(filters))
        if after is not None:
            query = query.where(beyond(key, after, ascending))
        order = [key.asc() if ascending else key.desc(), image.c.id.asc()]
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(*order).limit(limit + 1)).all()
            found = _read(connection, image.c.id.in_([row.id for row in rows[:limit]]))
        last = (rows[limit - 1].key, rows[limit - 1].id) if len(rows) > limit else None
        return [found[row.id] for row in rows[:limit]], last

    def folders(self) -> list[str]:
        """The folders right below the roots that hold pictures, relative to their root, sorted."""
        with self._database.reading() as connection:
            paths = connection.execute(select(location_table.c.path))
            names = {path.partition(b"/")[0] for (path,) in paths if b"/" in path}
        return sorted(map(os.fsdecode, names))

    def dates(self, ids: Sequence[int]) -> dict[int, int]:
        """Image id -> when it was taken (else added), in seconds since 1970."""
        key, _ = sort_key(Sort.NEWEST)
        with self._database.reading() as connection:
            return {
                id_: at
                for some in chunks(ids)
                for id_, at in connection.execute(
                    select(image.c.id, key).where(image.c.id.in_(some))
                )
            }

    def stats(self) -> LibraryStats:
        with self._database.reading() as connection:
            count = functools.partial(_count, connection)
            head = connection.execute(
                select(library.c.revision, library.c.captioner, encoder.c.name).outerjoin(encoder)
            ).one()
            per = select(collection.c.name, func.count(image.c.id)).outerjoin(image)
            grouped = per.group_by(collection.c.id).order_by(collection.c.name)
            captioned = select(func.count(caption.c.image_id.distinct()))
            return LibraryStats(
                images=count(image),
                locations=count(location_table),
                skipped=count(failure),
                captions=connection.scalar(captioned) or 0,
                collections={name: n for name, n in connection.execute(grouped)},
                model=head.name,
                captioner=head.captioner,
                revision=head.revision,
            )


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _add(connection: Connection, owner: int, pictures: Sequence[DecodedImage]) -> dict[str, int]:
    """Content hash -> image id, new or known."""
    by_hash = {picture.content_hash: picture for picture in pictures}
    content = (image.c.content_hash, image.c.id)
    found: dict[str, int] = {}
    for some in chunks(list(by_hash)):
        rows = connection.execute(
            select(*content).where(image.c.collection_id == owner, image.c.content_hash.in_(some))
        )
        found |= {hash_: id_ for hash_, id_ in rows}
    new = [_image_row(owner, p) for hash_, p in by_hash.items() if hash_ not in found]
    if new:
        rows = connection.execute(insert(image).returning(*content), new)
        found |= {hash_: id_ for hash_, id_ in rows}
    return found


def _image_row(owner: int, decoded: DecodedImage) -> dict[str, Any]:
    taken = seconds(decoded.taken_at)
    return {
        "collection_id": owner,
        "content_hash": decoded.content_hash,
        "format": decoded.format,
        "width": decoded.width,
        "height": decoded.height,
        "taken_at": taken,
        "added_at": now(),
        "crc": image_crc(
            decoded.content_hash, decoded.format, decoded.width, decoded.height, taken
        ),
    }


def _put_evidence(
    connection: Connection, towers: int, revision: int, seen: Mapping[int, NewImage]
) -> None:
    """Vectors and captions by image id, in the place of those that were there."""
    told = {id_: new for id_, new in seen.items() if new.caption_vector is not None}
    images = {id_: new.image_vector for id_, new in seen.items()}
    captions = {id_: new.caption_vector for id_, new in told.items()}
    _put_vectors(connection, Space.IMAGE, towers, revision, images)
    _put_vectors(connection, Space.CAPTION, towers, revision, captions)
    _put_captions(connection, {id_: new.caption for id_, new in told.items() if new.caption})


def image_crc(hash_: str, format_: str, width: int, height: int, taken: int | None) -> int:
    return crc(hash_, format_, width, height, taken)


def _put_captions(connection: Connection, told: Mapping[int, Caption]) -> None:
    for source, language in {(words.source, words.language) for words in told.values()}:
        rows = [
            _caption_row(id_, words)
            for id_, words in told.items()
            if (words.source, words.language) == (source, language)
        ]
        same = and_(caption.c.source == source, caption.c.language == language)
        for some in chunks([row["image_id"] for row in rows]):
            connection.execute(delete(caption).where(same, caption.c.image_id.in_(some)))
        connection.execute(insert(caption), rows)


def _caption_row(image_id: int, words: Caption) -> dict[str, Any]:
    text = words.text.replace("\0", "\ufffd")  # PostgreSQL takes no NUL
    return {
        "image_id": image_id,
        "source": words.source,
        "language": words.language,
        "text": text,
        "crc": crc(words.source, words.language, text),
    }


def _put_vectors(
    connection: Connection,
    space: Space,
    towers: int,
    revision: int,
    vectors: Mapping[int, np.ndarray[Any, Any] | None],
) -> None:
    rows = [
        vector_row(id_, space, towers, revision, vector)
        for id_, vector in vectors.items()
        if vector is not None
    ]
    same = and_(embedding.c.space == space.value, embedding.c.encoder_id == towers)
    for some in chunks([row["image_id"] for row in rows]):
        connection.execute(delete(embedding).where(same, embedding.c.image_id.in_(some)))
    if rows:
        connection.execute(insert(embedding), rows)


def _read(connection: Connection, where: ColumnElement[bool]) -> dict[int, ImageRecord]:
    rows = connection.execute(
        select(image, collection.c.name.label("owner")).join(collection).where(where)
    ).all()
    ids = [row.id for row in rows]
    places: dict[int, list[Location]] = {}
    for id_, root_id, base, path, size, mtime in connection.execute(
        select(
            location_table.c.image_id,
            root_table.c.id,
            root_table.c.path,
            location_table.c.path,
            location_table.c.size,
            location_table.c.mtime_ns,
        )
        .join(root_table)
        .where(location_table.c.image_id.in_(ids))
        .order_by(location_table.c.id)
    ):
        stamp = FileStamp(size, mtime)
        places.setdefault(id_, []).append(Location(root_id, path, os.path.join(base, path), stamp))
    told: dict[int, list[Caption]] = {}
    for row in connection.execute(
        select(caption).where(caption.c.image_id.in_(ids)).order_by(caption.c.language)
    ):
        if row.crc != crc(row.source, row.language, row.text):
            raise _damaged(row.image_id, "caption")
        told.setdefault(row.image_id, []).append(Caption(row.text, row.language, row.source))
    found = {}
    for row in rows:
        if row.crc != image_crc(row.content_hash, row.format, row.width, row.height, row.taken_at):
            raise _damaged(row.id, "image")
        added = moment(row.added_at)
        if added is None:
            raise _damaged(row.id, "image")
        found[row.id] = ImageRecord(
            id=row.id,
            collection=row.owner,
            content_hash=row.content_hash,
            format=row.format,
            width=row.width,
            height=row.height,
            taken_at=moment(row.taken_at),
            added_at=added,
            locations=tuple(places.get(row.id, ())),
            captions=tuple(told.get(row.id, ())),
        )
    return found


def _damaged(image_id: int, kind: str) -> LibraryDamagedError:
    return LibraryDamagedError(
        f"the {kind} row of image {image_id} does not match its checksum: "
        "the catalogue is damaged. Run `indexer doctor --repair`."
    )
