"""Roots among each other: which one a path belongs to, and what a new one takes over."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from ..records import Root
from ..schema import collection, failure, location, root
from .scans import inherit


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
