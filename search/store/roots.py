"""Roots among each other: which one a path belongs to, and what a new one takes over."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from ..records import Root, RootStats
from ..schema import collection, failure, location, root, scan
from . import documents
from .database import Database, next_revision
from .rows import moment, touch
from .scans import inherit


@dataclass(frozen=True, slots=True)
class Roots:
    """The folders that were given to `add`."""

    _database: Database

    def all(self, collection: str | None = None) -> list[Root]:
        with self._database.reading() as connection:
            return [r for r in roots(connection) if collection in (None, r.collection)]

    def ensure(
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
        if home := home_of(self.all(collection), path, whole, apart):
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
            _touch_all(connection, made)
            return next(r for r in roots(connection, owner) if r.id == made)

    def stats(self) -> list[RootStats]:
        """Every root, in the order in which they were added."""
        held = select(location.c.root_id, func.count().label("files")).group_by(location.c.root_id)
        counts = held.subquery()
        query = (
            select(root.c.id, root.c.path, collection.c.name, counts.c.files, root.c.whole)
            .join(collection)
            .outerjoin(counts, counts.c.root_id == root.c.id)
            .order_by(root.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            at = self._finished(connection)
        return [RootStats(*row[1:3], row.files or 0, row.whole, at.get(row.id)) for row in rows]

    def _finished(self, connection: Connection) -> dict[int, datetime | None]:
        """Root id -> when its last complete scan ended."""
        rows = connection.execute(select(scan.c.root_id, scan.c.finished_at))
        return {id_: moment(at) for id_, at in rows}


def _touch_all(connection: Connection, root_id: int) -> None:
    """What a root has taken over lies at other paths now."""
    held = connection.scalars(select(location.c.image_id).where(location.c.root_id == root_id))
    if ids := held.all():
        revision = next_revision(connection)
        touch(connection, ids, revision)
        documents.keep(connection, revision)


def collection_id(connection: Connection, name: str) -> int:
    known: int | None = connection.scalar(select(collection.c.id).where(collection.c.name == name))
    if known is not None:
        return known
    made = insert(collection).values(name=name).returning(collection.c.id)
    return int(connection.execute(made).scalar_one())


def roots(connection: Connection, owner: int | None = None) -> Iterator[Root]:
    query = (
        select(
            root.c.id,
            collection.c.name,
            root.c.path,
            root.c.device,
            root.c.file_count,
            root.c.whole,
        )
        .join(collection)
        .order_by(root.c.id)
    )
    if owner is not None:
        query = query.where(root.c.collection_id == owner)
    return (Root(*row) for row in connection.execute(query).all())


def holds(folder: bytes, path: bytes) -> bool:
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


def home_of(
    there: Sequence[Root], path: bytes, whole: bool, apart: Container[bytes]
) -> Root | None:
    """The root that `path` is part of already: the innermost whole one, or for named files that
    of their folder."""
    above = [each for each in there if holds(each.path, path) and each.path not in apart]
    exact = None if whole else next((each for each in above if each.path == path), None)
    inner = (each for each in above if each.whole)
    return max(inner, key=lambda each: len(each.path), default=exact)


def absorb(
    connection: Connection,
    owner: int,
    made: int,
    path: bytes,
    whole: bool,
    apart: Container[bytes],
) -> None:
    """Give the new root what lies below it and belonged to another one.

    One of named files takes over only what lies in it from roots that do not reach it (`apart`).
    """
    for other in list(roots(connection, owner)):
        if other.id == made:
            continue
        below = whole and holds(path, other.path) and other.path not in apart
        above = holds(other.path, path) and (whole or other.path in apart)
        if not below and not above:
            continue
        for table in (location, failure):
            rows = connection.execute(select(table.c.path).where(table.c.root_id == other.id)).all()
            for (relative,) in rows:
                absolute = os.path.join(other.path, relative)
                if below or holds(path, absolute):
                    connection.execute(
                        update(table)
                        .where(table.c.root_id == other.id, table.c.path == relative)
                        .values(root_id=made, path=os.path.relpath(absolute, path))
                    )
        if below:
            inherit(connection, made, other.id, os.path.relpath(other.path, path))
            connection.execute(delete(root).where(root.c.id == other.id))
    count = connection.scalar(
        select(func.count()).select_from(location).where(location.c.root_id == made)
    )
    connection.execute(update(root).where(root.c.id == made).values(file_count=count))
