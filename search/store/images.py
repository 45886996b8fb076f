"""Images: taken in with all that belongs to them, read, filtered, paged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from ..records import EncoderInfo, FileStamp, Filters, Ids, ImageRecord, NewImage, Root, Sort
from ..schema import collection, image, location
from ..schema import root as root_table
from ..sorting import ORDERS, Key
from ..thumbnails import Thumbnails
from .adding import add_rows, put_evidence
from .database import Database
from .discarding import removing
from .encoders import id_of_encoder
from .files import place
from .filtering import KEYS, Cursor, beyond, conditions
from .reading import read
from .rows import chunks, remove_images


@dataclass(frozen=True, slots=True)
class Images:
    """What the library shows."""

    _database: Database
    _thumbnails: Thumbnails

    def get(self, ids: Sequence[int]) -> dict[int, ImageRecord]:
        """Those of `ids` that exist, from one snapshot."""
        with self._database.reading() as connection:
            found: dict[int, ImageRecord] = {}
            for some in chunks(ids):
                found |= read(connection, some)
            return found

    def page(
        self, filters: Filters, sort: Sort, after: Cursor | None, limit: int
    ) -> tuple[list[ImageRecord], Cursor | None]:
        """One page, and the cursor of its last row if more follow. `sort` relevance: by id."""
        key, ascending = KEYS[ORDERS[sort].key], ORDERS[sort].ascending
        query = select(image.c.id, key.label("key")).where(*conditions(filters))
        if after is not None:
            query = query.where(beyond(key, after, ascending))
        order = [key.asc() if ascending else key.desc(), image.c.id.asc()]
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(*order).limit(limit + 1)).all()
            found = read(connection, [row.id for row in rows[:limit]])
        last = (rows[limit - 1].key, rows[limit - 1].id) if len(rows) > limit else None
        return [found[row.id] for row in rows[:limit]], last

    def allowed_ids(self, filters: Filters) -> Ids:
        """Ascending ids of the images that pass every filter."""
        query = select(image.c.id).where(*conditions(filters)).order_by(image.c.id)
        with self._database.reading() as connection:
            return np.fromiter(connection.scalars(query), np.int64)

    def ids_of(self, collection_name: str, hashes: Sequence[str]) -> dict[str, int]:
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

    def folders(self) -> list[str]:
        """The folders right below the roots that hold pictures, relative to their root, sorted."""
        with self._database.reading() as connection:
            paths = connection.execute(select(location.c.path))
            names = {path.partition(b"/")[0] for (path,) in paths if b"/" in path}
        return sorted(map(os.fsdecode, names))

    def keys(self, ids: Sequence[int], key: Key) -> dict[int, int]:
        """Image id -> what it is ordered by."""
        column = KEYS[key]
        with self._database.reading() as connection:
            return {
                id_: value
                for some in chunks(ids)
                for id_, value in connection.execute(
                    select(image.c.id, column).where(image.c.id.in_(some))
                )
            }

    def add(
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
        self._thumbnails.put_all(made)
        with removing(self._database, self._thumbnails) as (connection, revision, contents):
            owner = connection.execute(
                select(root_table.c.collection_id).where(root_table.c.id == root.id)
            ).scalar_one()
            encoder_id = id_of_encoder(connection, info)
            known = add_rows(connection, owner, revision, [new.decoded for _, _, new in batch])
            ids = [known[new.decoded.content_hash] for _, _, new in batch]
            seen = {id_: new for id_, (_, _, new) in zip(ids, batch, strict=True)}
            put_evidence(connection, encoder_id, revision, seen)
            places = [(id_, path, stamp) for id_, (path, stamp, _) in zip(ids, batch, strict=True)]
            contents += place(connection, root.id, places, revision).contents
        return ids

    def remove(self, ids: Sequence[int]) -> int:
        """Take images out of the library, their files untouched; how many there were.

        `add` takes them up again; see `remove` for what is to stay out.
        """
        with removing(self._database, self._thumbnails) as (connection, revision, contents):
            there: list[int] = []
            for some in chunks(ids):
                there += connection.scalars(select(image.c.id).where(image.c.id.in_(some)))
            gone = remove_images(connection, there, revision)
            contents += gone.contents
        return gone.images
