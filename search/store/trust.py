"""Which rows of a damaged table are believed.

What comes from the pictures must be vouched for, by its checksum or by its indexes: it can be made
again. What people made is kept in doubt: nothing makes it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection
from typing import Any

from sqlalchemy import Boolean, Column, Double, Integer, LargeBinary, String, Table

from ..schema import DERIVED
from . import sqlite
from .layouts import HUMAN, Layout
from .salvage import DamagedTable

MADE_AGAIN = {"library", "encoder", "image", "location", "part", "embedding", "failure", "scan"}
MADE_AGAIN |= {"attribute", "caption", "product", "product_image"}
ASKED = {"location": {"image_id"}}  # a path that is wrong is found out by the next `sync`
TYPES: tuple[tuple[type, type], ...] = (
    (Integer, int),
    (Boolean, int),
    (Double, float),
    (LargeBinary, bytes),
    (String, str),
)


def tables_of(source: Connection, layout: Layout) -> Iterator[tuple[Table, DamagedTable]]:
    """Parents come before their children; without what is made of others."""
    for table in layout.metadata.sorted_tables:
        if table.name in DERIVED:
            continue
        columns = [c.name for c in table.columns if c.name in sqlite.columns(source, table.name)]
        if columns:
            yield table, DamagedTable(source, table.name, columns)


def trusted(
    damaged: DamagedTable, table: Table, layout: Layout, rowid: int, values: dict[str, Any]
) -> bool:
    if not typed(table, values):
        return False
    if holds := layout.holds.get(table.name):
        if not holds(values):
            return False
        opinions = damaged.opinions(rowid, values)
        return any(opinions) or not opinions or layout.kind_of(table.name, values) == HUMAN
    if table.name not in MADE_AGAIN:
        return True
    return all(damaged.opinions(rowid, values, about=ASKED.get(table.name, ())))


def typed(table: Table, values: dict[str, Any]) -> bool:
    """Columns that came later have a value for rows of before."""
    later = {c.name for c in table.columns if c.server_default is not None} - values.keys()
    wanted = (column for column in table.columns if column.name not in later)
    return all(_fits(column, values.get(column.name)) for column in wanted)


def _fits(column: Column[Any], value: object) -> bool:
    if value is None:
        return bool(column.nullable)
    return any(
        isinstance(column.type, ours) and isinstance(value, theirs) for ours, theirs in TYPES
    )
