"""Captions become parts of images, the picture is one too, and vectors belong to parts.

The part of a picture has the image's id; nothing rests on that. Of several captions the one that
was written last has the vector. What was damaged stays so: no row gets a right checksum by this.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

ID = BigInteger().with_variant(Integer, "sqlite")
AT_ONCE = 1000  # image ids
DAMAGED = -1  # no checksum is
LATE = {"sqlite": "rowid", "postgresql": "ctid"}  # rises with the time of writing, as a rule


def upgrade(op: Operations) -> None:
    connection = op.get_bind()
    _set_aside(op, connection)
    part = op.create_table(
        "part",
        Column("id", ID, primary_key=True, autoincrement=True),
        Column("image_id", ID, ForeignKey("image.id", ondelete="CASCADE"), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("source", String(200)),
        Column("language", String(8)),
        Column("text", Text),
        Column("box", String(80)),
        Column("at_ms", BigInteger),
        Column("crc", BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    embedding = op.create_table(
        "embedding",
        Column("part_id", ID, primary_key=True, autoincrement=False),
        Column("encoder_id", ID, ForeignKey("encoder.id"), primary_key=True),
        Column("image_id", ID, nullable=False),
        Column("revision", BigInteger, nullable=False),
        Column("vector", LargeBinary),
        Column("crc", BigInteger, nullable=False),
    )
    _fill(connection, part, embedding)
    op.drop_table("old_embedding")
    op.drop_table("caption")
    op.create_index("part_by_image", "part", ["image_id", "kind", "source", "language"])
    op.create_index("embedding_by_revision", "embedding", ["encoder_id", "revision"])


def _set_aside(op: Operations, connection: Connection) -> None:
    """The old table of vectors, without the names that the new one takes.

    It keeps its key, by which its rows are asked for.
    """
    op.drop_index("embedding_by_revision", "embedding")
    if connection.dialect.name != "sqlite":
        op.execute("ALTER TABLE embedding RENAME CONSTRAINT embedding_pkey TO old_embedding_pkey")
        op.drop_constraint("embedding_encoder_id_fkey", "embedding", type_="foreignkey")
    op.rename_table("embedding", "old_embedding")


def _fill(connection: Connection, part: Table, embedding: Table) -> None:
    last = _highest(connection)
    next_id = last + 1
    for first in range(0, last + 1, AT_ONCE):
        some = {"first": first, "last": first + AT_ONCE - 1}
        pictures = [_part(id_, id_) for (id_,) in connection.execute(IMAGES, some)]
        captions = list(_captions(connection, some, next_id))
        next_id += len(captions)
        _insert(connection, part, pictures + captions)
        worded = {row["image_id"]: row["id"] for row in captions}  # the last one stays
        known = {row["id"] for row in pictures}
        _insert(connection, embedding, list(_vectors(connection, some, known, worded)))
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence('part', 'id'), :last)"),
            {"last": max(1, next_id - 1)},
        )
    elif next_id > 1:  # also where the highest ids belong to images that are gone
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = 'part'"))
        connection.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES ('part', :last)"),
            {"last": next_id - 1},
        )


RANGE = "BETWEEN :first AND :last"
IMAGES = text(f"SELECT id FROM image WHERE id {RANGE} ORDER BY id")


def _highest(connection: Connection) -> int:
    """No image has, or had, an id beyond it."""
    highest = "SELECT coalesce(max({}), 0) FROM {}".format
    asked = highest("id", "image"), highest("image_id", "old_embedding")
    return max(int(connection.scalar(text(each)) or 0) for each in asked)


def _captions(
    connection: Connection, some: dict[str, int], next_id: int
) -> Iterator[dict[str, Any]]:
    order = LATE.get(connection.dialect.name, "source")
    rows = connection.execute(
        text(
            "SELECT image_id, source, language, text, crc FROM caption "
            f"WHERE image_id {RANGE} ORDER BY image_id, {order}"
        ),
        some,
    )
    for id_, (image_id, source, language, words, sum_) in enumerate(rows, next_id):
        row = _part(id_, image_id, "caption", source, language, words)
        yield row if sum_ == _crc(source, language, words) else row | {"crc": DAMAGED}


def _vectors(
    connection: Connection, some: dict[str, int], pictures: set[int], captions: dict[int, int]
) -> Iterator[dict[str, Any]]:
    """Of images and captions that are there; nobody follows the old removals any more.

    In SQLite one flipped bit makes a text of a blob.
    """
    rows = connection.execute(
        text(
            "SELECT image_id, space, encoder_id, revision, vector, crc FROM old_embedding "
            f"WHERE image_id {RANGE} AND vector IS NOT NULL ORDER BY image_id"
        ),
        some,
    )
    for image_id, space, encoder_id, revision, vector, sum_ in rows:
        is_blob = isinstance(vector, bytes | memoryview)
        stored = bytes(vector) if is_blob else str(vector).encode()
        part_id = captions.get(image_id) if space == "caption" else image_id
        if part_id is None or image_id not in pictures:
            continue
        whole = is_blob and sum_ == _crc(image_id, space, stored)
        yield {
            "part_id": part_id,
            "encoder_id": encoder_id,
            "image_id": image_id,
            "revision": revision,
            "vector": stored,
            "crc": _crc(part_id, image_id, stored) if whole else DAMAGED,
        }


def _part(
    id_: int,
    image_id: int,
    kind: str = "picture",
    source: str | None = None,
    language: str | None = None,
    words: str | None = None,
) -> dict[str, Any]:
    return {
        "id": id_,
        "image_id": image_id,
        "kind": kind,
        "source": source,
        "language": language,
        "text": words,
        "crc": _crc(image_id, kind, source, language, words, None, None),
    }


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)


def _crc(*columns: object) -> int:
    """As rows of schema 1 to 3 have it."""
    sum_ = 0
    for column in columns:
        data = column if isinstance(column, bytes) else str(column).encode()
        sum_ = zlib.crc32(data, zlib.crc32(b"\x1f", sum_))
    return sum_
