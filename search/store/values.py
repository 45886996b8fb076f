"""What images have that filters ask for, read column by column, and what changed in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, CursorResult, Select, select

from ..filters import COLLECTION, FAMILY, PLACES, Amount, Column, Fact
from ..records import ColumnChanges, Ids
from ..schema import attribute, collection, embedding, encoder, image, library, location, root
from .database import Database
from .filtering import column_of, known_values


@dataclass(frozen=True, slots=True)
class Values:
    """What the columns of `search/columns.py` follow."""

    _database: Database

    def known(self, column: Column) -> list[str]:
        """What the images have in a column, sorted."""
        with self._database.reading() as connection:
            return list(connection.scalars(known_values(column)))

    def has(self, column: Fact) -> bool:
        """Whether any image has such a fact."""
        query = select(attribute.c.image_id).where(attribute.c.name == column.name).limit(1)
        with self._database.reading() as connection:
            return connection.scalar(query) is not None

    def changes(self, column: Column, since: int) -> ColumnChanges:
        """What followed `since`, and the revision that it leads to, from one snapshot.

        `since` 0 is everything.
        """
        query = _rows(column)
        with self._database.reading() as connection:
            head = connection.execute(select(library.c.revision)).scalar_one()
            if since:
                query = query.where(image.c.revision > since)
            rows = plain(connection.execute(query))
            gone = stale(connection, since)
        return ColumnChanges(head, gone, rows)


def plain(result: CursorResult[Any]) -> list[tuple[Any, ...]]:
    """As the driver gives them: of a whole library, rows of SQLAlchemy's cost twice as much."""
    assert result.cursor is not None
    return list(result.cursor.fetchall())


def _rows(column: Column) -> Select[Any]:
    """Image id and value."""
    if column == PLACES:
        places = select(image.c.id, root.c.path, location.c.path).select_from(image)
        return places.join(location, location.c.image_id == image.c.id).join(root)
    if column == COLLECTION:
        return select(image.c.id, collection.c.name).join(collection)
    query: Select[Any] = select(image.c.id, column_of(column))
    if isinstance(column, Fact | Amount):
        query = query.join(attribute).where(attribute.c.name == column.name)
        return query.order_by(attribute.c.place) if column == FAMILY else query
    return query


def stale(connection: Connection, since: int) -> Ids:
    """Images whose earlier values hold no more: those that changed, and those that are gone."""
    if not since:
        return np.empty(0, np.int64)
    changed = list(connection.scalars(select(image.c.id).where(image.c.revision > since)))
    return np.array([*changed, *_removed(connection, since)], np.int64)


def _removed(connection: Connection, since: int) -> Iterator[int]:
    """Each has left a tombstone with the library's encoder or another; so have parts of others."""
    for id_ in connection.scalars(select(encoder.c.id)).all():
        yield from connection.scalars(
            select(embedding.c.image_id).where(
                embedding.c.encoder_id == id_,
                embedding.c.revision > since,
                embedding.c.vector.is_(None),
                embedding.c.image_id.not_in(select(image.c.id)),
            )
        )
