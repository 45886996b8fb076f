"""Roots, locations and remembered failures: which file holds which image."""

from __future__ import annotations

import gc
import os
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Row, delete, insert, select, update

from ..details import own
from ..errors import Reason
from ..records import Failure, FileStamp, KnownFile, Location, Root
from ..schema import collection, failure, image, location, root
from ..thumbnails import Thumbnails
from .database import Database
from .discarding import removing
from .roots import absorb, collection_id, home_of, roots
from .rows import Gone, chunks, moment, now, remove_orphans


class Files:
    """The part of the store that knows the disk: roots, places, skipped files."""

    def __init__(self, database: Database, thumbnails: Thumbnails) -> None:
        self._database = database
        self.thumbnails = thumbnails

    # roots

    def ensure_root(
        self,
        collection: str,
        path: bytes,
        device: int,
        *,
        whole: bool = True,
        apart: Container[bytes] = (),
    ) -> Root:
        """The root that `path` belongs to, made if need be.

        A folder inside a whole root is part of that one; a new whole root takes over those below.
        `apart`: paths of roots above and below with a link between them and `path`. Of those above,
        a new root takes over what lies in it, for they do not look after that; those below stay.
        """
        if home := home_of(self.roots(collection), path, whole, apart):
            return home  # nothing is written: the disk may be full
        with self._database.writing() as connection:
            owner = collection_id(connection, collection)
            there = list(roots(connection, owner))
            if home := home_of(there, path, whole, apart):
                return home
            if exact := next((r for r in there if r.path == path), None):
                connection.execute(update(root).where(root.c.id == exact.id).values(whole=True))
                made = exact.id
            else:
                made = connection.execute(
                    insert(root)
                    .values(
                        collection_id=owner, path=path, device=device, file_count=0, whole=whole
                    )
                    .returning(root.c.id)
                ).scalar_one()
            absorb(connection, owner, made, path, whole, apart)
            return next(r for r in roots(connection, owner) if r.id == made)

    def roots(self, collection: str | None = None) -> list[Root]:
        with self._database.reading() as connection:
            return [r for r in roots(connection) if collection in (None, r.collection)]

    # locations

    def known_files(self, root: Root) -> dict[bytes, KnownFile]:
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

    def locations_of(
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

    def add_locations(self, root: Root, found: Sequence[tuple[int, bytes, FileStamp]]) -> None:
        """(image id, relative path, stamp): known content at a further path, or at a known one."""
        with removing(self._database, self.thumbnails) as (connection, revision, contents):
            contents += place(connection, root.id, found, revision).contents

    def move_locations(self, root: Root, moved: Sequence[tuple[int, bytes, FileStamp]]) -> None:
        """(location id, new relative path, stamp): row, caption and vectors stay as they are."""
        with removing(self._database, self.thumbnails) as (connection, revision, contents):
            taken = [path for _, path, _ in moved]
            lost = _delete_paths(connection, root.id, taken, keep=[id_ for id_, _, _ in moved])
            for id_, path, stamp in moved:
                connection.execute(
                    update(location)
                    .where(location.c.id == id_)
                    .values(root_id=root.id, path=path, size=stamp.size, mtime_ns=stamp.mtime_ns)
                )
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

    def remove_locations(self, ids: Sequence[int]) -> int:
        """Images that no location holds afterwards go too; how many these were."""
        with removing(self._database, self.thumbnails) as (connection, revision, contents):
            images: list[int] = []
            for some in chunks(ids):
                images += connection.scalars(
                    delete(location).where(location.c.id.in_(some)).returning(location.c.image_id)
                )
            gone = remove_orphans(connection, images, revision)
            contents += gone.contents
        return gone.images

    # failures

    def known_failures(self, root: Root) -> dict[bytes, Failure]:
        """What could not be indexed, by path relative to the root."""
        query = select(failure).where(failure.c.root_id == root.id)
        with self._database.reading() as connection:
            return {row.path: _failure(row, root.path) for row in connection.execute(query)}

    def failures(self, *, after: int = 0, limit: int | None = None) -> list[Failure]:
        """In the order of roots and paths; `after` skips that many."""
        query = (
            select(failure, root.c.path.label("base"))
            .join(root, root.c.id == failure.c.root_id)
            .order_by(failure.c.root_id, failure.c.path)
            .offset(after)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [_failure(row, row.base) for row in connection.execute(query)]

    def record_failures(self, root: Root, failed: Sequence[tuple[bytes, Failure]]) -> None:
        """(relative path, failure), the root itself b""; a path that failed before counts one more
        attempt. Many are several transactions: other writers have their turn between."""
        last = dict(failed)
        for some in chunks(list(last)):
            with self._database.writing() as connection:
                attempts = _attempts(connection, root.id, some)
                forget_failures(connection, root.id, some)
                rows = [
                    _failure_row(root.id, path, last[path], attempts.get(path, 0) + 1)
                    for path in some
                ]
                connection.execute(insert(failure), rows)

    def drop_failures(self, root: Root, paths: Sequence[bytes]) -> None:
        """Forget failures of files that are gone or are no pictures any more."""
        with self._database.writing() as connection:
            forget_failures(connection, root.id, paths)


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
    forget_failures(connection, root_id, paths)
    return remove_orphans(connection, lost, revision)


def forget_failures(connection: Connection, root_id: int, paths: Sequence[bytes]) -> None:
    for some in chunks(paths):
        connection.execute(
            delete(failure).where(failure.c.root_id == root_id, failure.c.path.in_(some))
        )


def _attempts(connection: Connection, root_id: int, paths: Sequence[bytes]) -> dict[bytes, int]:
    query = select(failure.c.path, failure.c.attempts)
    rows = connection.execute(query.where(failure.c.root_id == root_id, failure.c.path.in_(paths)))
    return {path: attempts for path, attempts in rows}


def _failure_row(root_id: int, path: bytes, why: Failure, attempts: int) -> dict[str, object]:
    return {
        "root_id": root_id,
        "path": path,
        "reason": why.reason.value,
        "detail": why.detail.replace("\0", "\ufffd"),
        "attempts": attempts,
        "at": now(),
        "size": why.stamp and why.stamp.size,
        "mtime_ns": why.stamp and why.stamp.mtime_ns,
    }


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


def _failure(row: Row[tuple[object, ...]], base: bytes) -> Failure:
    stamp = None if row.size is None else FileStamp(row.size, row.mtime_ns)
    return Failure(
        path=os.path.join(base, row.path) if row.path not in (b"", b".") else base,
        reason=Reason(row.reason),
        detail=own(row.detail),  # older versions stored what decoders say
        attempts=row.attempts,
        at=moment(row.at),
        stamp=stamp,
    )
