"""Rows <-> records: times, checksums and the statements that several topics share."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, delete, exists, select, update

from .. import schema

T = TypeVar("T")
CHUNK = 1000  # values in one IN (...): far below every database's limit


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def moment(stored: int | None) -> datetime | None:
    return None if stored is None else datetime.fromtimestamp(stored, UTC)


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def crc(*columns: object) -> int:
    """CRC-32 over the columns of a row, in order; bytes as they are, the rest as text."""
    sum_ = 0
    for column in columns:
        data = column if isinstance(column, bytes) else str(column).encode()
        sum_ = zlib.crc32(data, zlib.crc32(b"\x1f", sum_))
    return sum_


def remove_images(connection: Connection, ids: Sequence[int], revision: int) -> None:
    """Rows go; each vector leaves a tombstone, which every follower hears of."""
    for some in chunks(ids):
        connection.execute(
            update(schema.embedding)
            .where(schema.embedding.c.image_id.in_(some))
            .values(vector=None, revision=revision, crc=0)
        )
        for table in (schema.caption, schema.location):
            connection.execute(delete(table).where(table.c.image_id.in_(some)))
        connection.execute(delete(schema.image).where(schema.image.c.id.in_(some)))


def remove_orphans(connection: Connection, ids: Sequence[int], revision: int) -> int:
    """Of `ids`, the images that no location holds any more go; how many that were."""
    orphans: list[int] = []
    for some in chunks(sorted(set(ids))):
        held = exists().where(schema.location.c.image_id == schema.image.c.id)
        orphans += connection.scalars(
            select(schema.image.c.id).where(schema.image.c.id.in_(some), ~held)
        )
    remove_images(connection, orphans, revision)
    return len(orphans)
