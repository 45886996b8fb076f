"""Rows <-> records: times, checksums and the statements that several topics share."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)

from .. import schema
from ..errors import LibraryDamagedError
from ..records import PartKind

T = TypeVar("T")
STORED = "<f2"  # what the numbers of a vector are
IDS: BindParameter[Any] = bindparam(
    "ids", expanding=True
)  # for statements built once: to build one costs as much
CHUNK = 1000  # values in one IN (...): far below every database's limit


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def moment(stored: int | None) -> datetime | None:
    """None also for a time outside of the calendar: damage, and no reason to hide the picture."""
    try:
        return None if stored is None else datetime.fromtimestamp(stored, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def crc(*columns: object) -> int:
    """CRC-32 over the columns of a row, in order; bytes as they are, the rest as text."""
    sum_ = 0
    for column in columns:
        data = column if isinstance(column, bytes) else str(column).encode()
        sum_ = zlib.crc32(data, zlib.crc32(b"\x1f", sum_))
    return sum_


def attribute_crc(
    image_id: int, name: str, place: int, text: str | None, number: float | None
) -> int:
    return crc(image_id, name, place, text, number)


def image_crc(hash_: str, format_: str, width: int, height: int, taken: int | None) -> int:
    return crc(hash_, format_, width, height, taken)


PART_COLUMNS = ("image_id", "kind", "source", "language", "text", "box", "at_ms")


def part_crc(row: Mapping[Any, Any]) -> int:
    return crc(*(row[name] for name in PART_COLUMNS))


def vector_crc(part_id: int, image_id: int, stored: bytes) -> int:
    return crc(part_id, image_id, stored)


def document_crc(image_id: int, words: bytes) -> int:
    return crc(image_id, words)


PRODUCT_COLUMNS = (
    *("collection_id", "sku", "family", "group_id", "title", "description", "price"),
    *("currency", "availability", "url", "attributes"),
)


def product_crc(row: Mapping[Any, Any]) -> int:
    return crc(*(row[name] for name in PRODUCT_COLUMNS))


def damaged(image_id: int, kind: str) -> LibraryDamagedError:
    return LibraryDamagedError(
        f"the {kind} row of image {image_id} does not match its checksum: "
        "the catalogue is damaged. Run `indexer doctor --repair`."
    )


class Gone(NamedTuple):
    """What a transaction takes out."""

    images: int
    contents: list[str]  # hashes that no image has any more: their thumbnails go after the commit


def remove_images(connection: Connection, ids: Sequence[int], revision: int) -> Gone:
    """Rows go; each picture leaves a tombstone, which every follower hears of."""
    hashes: set[str] = set()
    for some in chunks(ids):
        hashes |= set(
            connection.scalars(
                select(schema.image.c.content_hash).where(schema.image.c.id.in_(some))
            )
        )
        empty_vectors(connection, some, revision)
        _mark_unseen(connection, some, revision)
        for table in (
            schema.product_image,
            schema.document,
            schema.part,
            schema.attribute,
            schema.location,
        ):
            connection.execute(delete(table).where(table.c.image_id.in_(some)))
        connection.execute(delete(schema.image).where(schema.image.c.id.in_(some)))
    for contents in chunks(sorted(hashes)):  # another collection may have the same content
        hashes -= set(
            connection.scalars(
                select(schema.image.c.content_hash).where(schema.image.c.content_hash.in_(contents))
            )
        )
    return Gone(len(ids), sorted(hashes))


def empty_vectors(connection: Connection, ids: Sequence[int], revision: int) -> None:
    """Of images; the rows stay, as tombstones."""
    for some in chunks(ids):
        empty(
            connection, select(schema.part.c.id).where(schema.part.c.image_id.in_(some)), revision
        )


def empty(connection: Connection, parts: Select[int], revision: int) -> None:
    """Vectors of these parts."""
    connection.execute(
        update(schema.embedding)
        .where(schema.embedding.c.part_id.in_(parts), schema.embedding.c.vector.is_not(None))
        .values(vector=None, revision=revision, crc=0)
    )


def _mark_unseen(connection: Connection, ids: Sequence[int], revision: int) -> None:
    """Pictures of which the library's model made no vector leave a tombstone with it too."""
    bound = connection.scalar(select(schema.library.c.encoder_id))
    if bound is None:
        return
    mine, its = schema.part.c, schema.embedding.c
    seen = exists().where(its.part_id == mine.id, its.encoder_id == bound)
    row = {
        its.part_id: mine.id,
        its.image_id: mine.image_id,
        its.encoder_id: literal(bound),
        its.revision: literal(revision),
        its.crc: literal(0),
    }
    pictures = mine.image_id.in_(ids), mine.kind == PartKind.PICTURE.value
    unseen = select(*row.values()).where(*pictures, ~seen)
    connection.execute(insert(schema.embedding).from_select(list(row), unseen))


def touch(connection: Connection, ids: Sequence[int], revision: int) -> None:
    """Something that filters ask for has changed in these images: followers read them again."""
    mine = schema.image.c
    for some in chunks(sorted(set(ids))):
        older = mine.id.in_(some), mine.revision != revision
        connection.execute(update(schema.image).where(*older).values(revision=revision))


def remove_orphans(connection: Connection, ids: Sequence[int], revision: int) -> Gone:
    """Of `ids`, which have lost a location, the images that no other one holds go."""
    touch(connection, ids, revision)
    orphans: list[int] = []
    for some in chunks(sorted(set(ids))):
        held = exists().where(schema.location.c.image_id == schema.image.c.id)
        orphans += connection.scalars(
            select(schema.image.c.id).where(schema.image.c.id.in_(some), ~held)
        )
    return remove_images(connection, orphans, revision)
