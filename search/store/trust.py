"""Which rows of a damaged table are believed.

What comes from the pictures must be vouched for, by its checksum or by its indexes: it can be made
again. What people made is kept in doubt: nothing makes it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection
from typing import Any

from sqlalchemy import Boolean, Column, Double, Integer, LargeBinary, String, Table

from .. import schema
from . import sqlite
from .rows import attribute_crc, crc, image_crc, moment, vector_crc
from .salvage import DamagedTable

MADE_AGAIN = {"library", "encoder", "image", "location", "embedding", "caption", "failure", "scan"}
MADE_AGAIN |= {"attribute"}
HUMAN = "caption_by_people"  # counted apart from the captioner's
ASKED = {"location": {"image_id"}}  # a path that is wrong is found out by the next `sync`
TYPES: tuple[tuple[type, type], ...] = (
    (Integer, int),
    (Boolean, int),
    (Double, float),
    (LargeBinary, bytes),
    (String, str),
)


def tables_of(source: Connection) -> Iterator[tuple[Table, DamagedTable]]:
    """Parents come before their children."""
    for table in schema.metadata.sorted_tables:
        columns = [c.name for c in table.columns if c.name in sqlite.columns(source, table.name)]
        if columns:
            yield table, DamagedTable(source, table.name, columns)


def trusted(damaged: DamagedTable, table: Table, rowid: int, values: dict[str, Any]) -> bool:
    if not typed(table, values):
        return False
    if table.name in CHECKED:
        if not CHECKED[table.name](values):
            return False
        opinions = damaged.opinions(rowid, values)
        return any(opinions) or not opinions or kind_of(table.name, values) == HUMAN
    if table.name not in MADE_AGAIN:
        return True
    return all(damaged.opinions(rowid, values, about=ASKED.get(table.name, ())))


def typed(table: Table, values: dict[str, Any]) -> bool:
    return all(_fits(column, values.get(column.name)) for column in table.columns)


def _fits(column: Column[Any], value: object) -> bool:
    if value is None:
        return bool(column.nullable)
    return any(
        isinstance(column.type, ours) and isinstance(value, theirs) for ours, theirs in TYPES
    )


def _image_holds(row: dict[str, Any]) -> bool:
    told = (row["content_hash"], row["format"], row["width"], row["height"], row["taken_at"])
    return row["crc"] == image_crc(*told) and moment(row["added_at"]) is not None


def _caption_holds(row: dict[str, Any]) -> bool:
    return bool(row["crc"] == crc(row["source"], row["language"], row["text"]))


def _vector_holds(row: dict[str, Any]) -> bool:
    """None is a tombstone: it has no checksum."""
    vector = row["vector"]
    return vector is None or row["crc"] == vector_crc(row["image_id"], row["space"], vector)


def _attribute_holds(row: dict[str, Any]) -> bool:
    told = (row["image_id"], row["name"], row["place"], row["text"], row["number"])
    return bool(row["crc"] == attribute_crc(*told))


CHECKED = {
    "image": _image_holds,
    "caption": _caption_holds,
    "embedding": _vector_holds,
    "attribute": _attribute_holds,
}


def kind_of(table: str, values: dict[str, Any]) -> str:
    return HUMAN if table == "caption" and values["source"] == "human" else table
