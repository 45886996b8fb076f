"""Where each table begins, kept in a file beside the catalogue: its first page says so, once.

A rescue tries it and takes what reads most, so an outline of before does no harm.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from . import sqlite

END = ".tables"  # behind the catalogue's name
Row = tuple[str, str, str, int, str | None]


def outline_of(path: Path) -> Path:
    return path.with_name(path.name + END)


def keep(connection: sqlite3.Connection, path: Path) -> None:
    """As this connection sees it, unless something is lacking. A disk that is full or read-only
    does without."""
    from .layouts import tables_in

    if sqlite.lacking(connection, tables_in(connection)):
        return
    asked = "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema ORDER BY rowid"
    text = json.dumps(connection.execute(asked).fetchall(), indent=1)
    with suppress(OSError):
        if _read(path) != text:
            _write(outline_of(path), text)


def maker(path: Path) -> Callable[[Path], None] | None:
    """What makes a catalogue whose first page fits the one at `path`; None where none is known."""
    try:
        rows = [_row(*row) for row in json.loads(_read(path))]
    except (OSError, ValueError, TypeError):
        return None

    def make(model: Path) -> None:
        with closing(sqlite.open_writing(model, create=True)) as connection:
            connection.execute("PRAGMA writable_schema=ON")
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")

    return make if rows else None


def _row(kind: str, name: str, table: str, root: int, sql: str | None) -> Row:
    return str(kind), str(name), str(table), int(root), None if sql is None else str(sql)


def _read(path: Path) -> str:
    file = outline_of(path)
    return file.read_text("utf-8", "replace") if file.exists() else ""


def _write(file: Path, text: str) -> None:
    new = file.with_name(f"{file.name}.new")
    try:
        new.write_text(text)
        os.replace(new, file)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
