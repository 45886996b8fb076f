"""Files: which one holds which image, as far as a scan knows."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from ..records import FileStamp, KnownFile, Location, Root
from ..schema import collection, image, location, root
from ..thumbnails import Thumbnails
from .database import Database
from .discarding import removing
from .failures import forget_failures
from .rows import Gone, chunks, remove_orphans, touch


@dataclass(frozen=True, slots=True)
class Files:
    """Where the images lie on the disk."""

    _database: Database
    _thumbnails: Thumbnails

    def known(self, root: Root) -> dict[bytes, KnownFile]:
        """All indexed files below a root, by path relative to it."""
        columns = (
            location.c.path,
            location.c.id,
            location.c.image_id,
            image.c.content_hash,
            location.c.size,
            location.c.mtime_ns,
        )
        query = select(*columns).join(image).where(location.c.root_id == root.id)
        with self._database.reading() as connection, _no_collecting():
            return {
                path: KnownFile(id_, image_id, hash_, FileStamp(size, mtime))
                for path, id_, image_id, hash_, size, mtime in connection.execute(query)
            }

    def sizes(self, collection_name: str) -> set[int]:
        """Of the files that hold the collection's images, in bytes: another size is another
        content."""
        query = (
            select(location.c.size)
            .distinct()
            .join_from(location, root)
            .join(collection)
            .where(collection.c.name == collection_name)
        )
        with self._database.reading() as connection:
            return set(connection.scalars(query))

    def places_of(
        self, collection_name: str, hashes: Sequence[str]
    ) -> dict[str, list[tuple[int, Location]]]:
        """Content hash -> (id, location) of every file known to hold it."""
        found: dict[str, list[tuple[int, Location]]] = {}
        of_file = (location.c.path, location.c.size, location.c.mtime_ns)
        query = (
            select(image.c.content_hash, location.c.id, root.c.id, root.c.path, *of_file)
            .select_from(image)
            .join(location, location.c.image_id == image.c.id)
            .join(root, root.c.id == location.c.root_id)
            .join(collection, collection.c.id == image.c.collection_id)
            .where(collection.c.name == collection_name)
            .order_by(location.c.id)
        )
        with self._database.reading() as connection:
            for some in chunks(hashes):
                rows = connection.execute(query.where(image.c.content_hash.in_(some)))
                for hash_, id_, root_id, base, path, size, mtime in rows:
                    absolute = os.path.join(base, path)
                    at = Location(root_id, path, absolute, FileStamp(size, mtime))
                    found.setdefault(hash_, []).append((id_, at))
        return found

    def add(self, root: Root, found: Sequence[tuple[int, bytes, FileStamp]]) -> None:
        """(image id, relative path, stamp): known content at a further path, or at a known one."""
        with removing(self._database, self._thumbnails) as (connection, revision, contents):
            contents += place(connection, root.id, found, revision).contents

    def move(self, root: Root, moved: Sequence[tuple[int, bytes, FileStamp]]) -> None:
        """(location id, new relative path, stamp): row, caption and vectors stay as they are."""
        with removing(self._database, self._thumbnails) as (connection, revision, contents):
            taken = [path for _, path, _ in moved]
            lost = _delete_paths(connection, root.id, taken, keep=[id_ for id_, _, _ in moved])
            for id_, path, stamp in moved:
                connection.execute(
                    update(location)
                    .where(location.c.id == id_)
                    .values(root_id=root.id, path=path, size=stamp.size, mtime_ns=stamp.mtime_ns)
                )
            _touch_holders(connection, [id_ for id_, _, _ in moved], revision)
            forget_failures(connection, root.id, taken)
            contents += remove_orphans(connection, lost, revision).contents

    def restamp(self, stamps: Sequence[tuple[int, FileStamp]]) -> None:
        """(location id, stamp): the file was touched, its content is the same."""
        with self._database.writing() as connection:
            for id_, stamp in stamps:
                connection.execute(
                    update(location)
                    .where(location.c.id == id_)
                    .values(size=stamp.size, mtime_ns=stamp.mtime_ns)
                )

    def remove(self, ids: Sequence[int]) -> int:
        """Images that no location holds afterwards go too; how many these were."""
        with removing(self._database, self._thumbnails) as (connection, revision, contents):
            images: list[int] = []
            for some in chunks(ids):
                images += connection.scalars(
                    delete(location).where(location.c.id.in_(some)).returning(location.c.image_id)
                )
            gone = remove_orphans(connection, images, revision)
            contents += gone.contents
        return gone.images


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Of many small tuples at once the garbage collector looks at all again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def place(
    connection: Connection,
    root_id: int,
    found: Sequence[tuple[int, bytes, FileStamp]],
    revision: int,
) -> Gone:
    """Put images at paths; what stood there goes, with its image if it was in no other place."""
    paths = [path for _, path, _ in found]
    lost = _delete_paths(connection, root_id, paths)
    if found:
        connection.execute(
            insert(location),
            [
                {
                    "image_id": image_id,
                    "root_id": root_id,
                    "path": path,
                    "size": stamp.size,
                    "mtime_ns": stamp.mtime_ns,
                }
                for image_id, path, stamp in found
            ],
        )
    touch(connection, [image_id for image_id, _, _ in found], revision)
    forget_failures(connection, root_id, paths)
    return remove_orphans(connection, lost, revision)


def _touch_holders(connection: Connection, ids: Sequence[int], revision: int) -> None:
    """The images of these locations."""
    for some in chunks(ids):
        held = connection.scalars(select(location.c.image_id).where(location.c.id.in_(some)))
        touch(connection, held.all(), revision)


def _delete_paths(
    connection: Connection, root_id: int, paths: Sequence[bytes], keep: Sequence[int] = ()
) -> list[int]:
    """Image ids of the locations that were deleted."""
    kept = set(keep)
    lost: list[int] = []
    for some in chunks(paths):
        rows = connection.execute(
            select(location.c.id, location.c.image_id).where(
                location.c.root_id == root_id, location.c.path.in_(some)
            )
        ).all()
        gone = [id_ for id_, _ in rows if id_ not in kept]
        lost += [image_id for id_, image_id in rows if id_ not in kept]
        connection.execute(delete(location).where(location.c.id.in_(gone)))
    return lost
