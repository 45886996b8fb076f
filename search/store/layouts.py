"""How the catalogues look that a rescue may meet: this program's, and those of before.

A damaged catalogue of an older schema is rescued as what it is; the new one is then brought along
like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from .. import schema
from ..records import PartKind
from . import sqlite
from .rows import attribute_crc, crc, image_crc, moment, part_crc, product_crc, vector_crc

ID = BigInteger().with_variant(Integer, "sqlite")
HUMAN = "caption_by_people"  # counted apart from the captioner's
Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Layout:
    version: int
    metadata: MetaData
    holds: Mapping[str, Callable[[Row], bool]]  # by a row's checksum, for tables that have one
    kinds: Mapping[str, Mapping[str, str]]  # of tables whose rows are summed apart: which, in SQL
    kind_of: Callable[[str, Row], str]
    captioner: str  # who wrote the most, in SQL
    highest: Mapping[str, str]  # the highest id of a table that others know, in SQL
    ownerless: str | None = None  # what has no owner, and no foreign key that says so

    def lacking(self, connection: Connection) -> list[str]:
        """Tables and columns that are gone: a flipped bit may have given them other names."""
        return sqlite.lacking(connection, self.metadata.tables)


def layout_of(connection: Connection) -> Layout:
    """By the tables that are there: the version's own row may be damaged."""
    return BEFORE_PARTS if sqlite.columns(connection, "caption") else PRESENT


def tables_in(connection: Connection) -> Mapping[str, Table]:
    """What every catalogue of its layout has."""
    layout = layout_of(connection)
    if layout is PRESENT:
        return layout.metadata.tables
    return {name: table for name, table in first_tables().tables.items() if name not in LATE}


def _image_holds(row: Row) -> bool:
    summed = (row["content_hash"], row["format"], row["width"], row["height"], row["taken_at"])
    return row["crc"] == image_crc(*summed) and moment(row["added_at"]) is not None


def _attribute_holds(row: Row) -> bool:
    summed = (row["image_id"], row["name"], row["place"], row["text"], row["number"])
    return bool(row["crc"] == attribute_crc(*summed))


def _product_holds(row: Row) -> bool:
    return bool(row["crc"] == product_crc(row))


def _part_holds(row: Row) -> bool:
    return bool(row["crc"] == part_crc(row))


def _vector_holds(row: Row) -> bool:
    """None is a tombstone: it has no checksum."""
    return row["vector"] is None or row["crc"] == vector_crc(
        row["part_id"], row["image_id"], row["vector"]
    )


def _kind_of(table: str, row: Row) -> str:
    if table != "part":
        return table
    if row["source"] == "human":
        return HUMAN
    return "caption" if row["kind"] == PartKind.CAPTION.value else table


PRESENT = Layout(
    version=schema.VERSION,
    metadata=schema.metadata,
    holds={
        "image": _image_holds,
        "attribute": _attribute_holds,
        "part": _part_holds,
        "product": _product_holds,
        "embedding": _vector_holds,
    },
    kinds={
        "part": {
            HUMAN: "source = 'human'",
            "caption": "kind = 'caption' AND source <> 'human'",
            "part": "kind <> 'caption' AND source IS NOT 'human'",
        }
    },
    kind_of=_kind_of,
    captioner="SELECT source FROM part WHERE kind = 'caption' AND source <> 'human'",
    highest={
        "image": "SELECT max(image_id) FROM embedding",
        "part": "SELECT max(part_id) FROM embedding",
    },
    ownerless="embedding WHERE vector IS NOT NULL AND part_id NOT IN (SELECT id FROM part)",
)


# schema 1 and 2: captions apart, vectors by image and space


SINCE = ("feed", "product", "product_image")  # tables that came with schema 5


def _before_parts() -> MetaData:
    metadata = MetaData()
    for table in schema.metadata.tables.values():
        if table.name not in ("part", "embedding", *SINCE, *schema.DERIVED):
            table.to_metadata(metadata)
    Table(
        "embedding",
        metadata,
        Column("image_id", ID, primary_key=True, autoincrement=False),
        Column("space", String(8), primary_key=True),
        Column("encoder_id", ForeignKey("encoder.id"), primary_key=True),
        Column("revision", BigInteger, nullable=False),
        Column("vector", LargeBinary),
        Column("crc", BigInteger, nullable=False),
        Index("embedding_by_revision", "encoder_id", "space", "revision"),
    )
    Table(
        "caption",
        metadata,
        Column("image_id", ForeignKey("image.id", ondelete="CASCADE"), primary_key=True),
        Column("source", String(200), primary_key=True),
        Column("language", String(8), primary_key=True),
        Column("text", Text, nullable=False),
        Column("crc", BigInteger, nullable=False),
    )
    return metadata


FIRST_TABLES = (
    *("library", "encoder", "collection", "root", "scan", "image", "location"),
    *("embedding", "caption", "failure", "exclusion", "removed_path"),
)
LATE = ("scan", "removed_path")  # tables that came after the first ones of schema 1


def first_tables() -> MetaData:
    """As the last program of schema 1 made them, in the same order."""
    metadata = MetaData()
    for name in FIRST_TABLES:
        if name == "image":
            _first_image(metadata)
        else:
            BEFORE_PARTS.metadata.tables[name].to_metadata(metadata)
    return metadata


def _first_image(metadata: MetaData) -> None:
    Table(
        "image",
        metadata,
        Column("id", ID, primary_key=True, autoincrement=True),
        Column("collection_id", ForeignKey("collection.id"), nullable=False),
        Column("content_hash", String(64), nullable=False),
        Column("format", String(8), nullable=False),
        Column("width", Integer, nullable=False),
        Column("height", Integer, nullable=False),
        Column("taken_at", BigInteger),
        Column("added_at", BigInteger, nullable=False),
        Column("crc", BigInteger, nullable=False),
        UniqueConstraint("collection_id", "content_hash"),
        Index("image_by_time", "taken_at", "id"),
        sqlite_autoincrement=True,
    )


def _old_caption_holds(row: Row) -> bool:
    return bool(row["crc"] == crc(row["source"], row["language"], row["text"]))


def _old_vector_holds(row: Row) -> bool:
    vector = row["vector"]
    return vector is None or row["crc"] == crc(row["image_id"], row["space"], vector)


def _old_kind_of(table: str, row: Row) -> str:
    return HUMAN if table == "caption" and row["source"] == "human" else table


BEFORE_PARTS = Layout(
    version=2,
    metadata=_before_parts(),
    holds={
        "image": _image_holds,
        "attribute": _attribute_holds,
        "caption": _old_caption_holds,
        "embedding": _old_vector_holds,
    },
    kinds={"caption": {HUMAN: "source = 'human'", "caption": "source <> 'human'"}},
    kind_of=_old_kind_of,
    captioner="SELECT source FROM caption WHERE source <> 'human'",
    highest={"image": "SELECT max(image_id) FROM embedding"},
)
