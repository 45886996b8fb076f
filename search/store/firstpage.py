"""A first page for a file that has lost its own: without it SQLite finds no table.

Tables never move. A new catalogue whose tables are made in the same order has them on the same
pages, so its first page fits. Where they were made in another order, as an upgrade may, the outline
beside the catalogue tells.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import MetaData

from . import migrating, outline, sqlite
from .layouts import LATE, PRESENT, first_tables, layout_of
from .salvage import passed_by
from .trust import tables_of, typed

PAGES_AT, FREE_AT = 28, 32  # bytes of the header: how many pages there are, and which are free


@contextmanager
def opened(damaged: Path) -> Iterator[sqlite3.Connection | None]:
    """The file with all its tables, if need be by another first page; None: there is no way."""
    with ExitStack() as stack:
        ways = [stack.enter_context(closing(way)) for way in _ways(damaged)]
        yield max(ways, key=_readable) if len(ways) > 1 else next(iter(ways), None)


def _ways(damaged: Path) -> Iterator[sqlite3.Connection]:
    as_it_is = _open(damaged)
    if as_it_is is not None:
        yield as_it_is
        if not layout_of(as_it_is).lacking(as_it_is):
            return
    yield from filter(None, map(_open, candidates(damaged)))


def _open(path: Path) -> sqlite3.Connection | None:
    try:
        return sqlite.open_reading(path)
    except sqlite3.DatabaseError as error:
        passed_by(error)
        return None


def _readable(source: sqlite3.Connection) -> int:
    """How many rows look like ours."""
    return sum(
        typed(table, dict(zip(damaged.columns, row, strict=True)))
        for table, damaged in tables_of(source, layout_of(source))
        for _, row in damaged.rows()
    )


def candidates(damaged: Path) -> Iterator[Path]:
    """Copies of the file with another first page each."""
    kept = outline.maker(damaged)
    makers = [*([kept] if kept else []), _new, _brought_along, _old, _oldest]
    for number, make in enumerate(makers):
        copy = damaged.with_name(f"{damaged.name}.{number}")
        shutil.copyfile(damaged, copy)
        _graft(copy, make)
        yield copy


def _graft(copy: Path, make: Callable[[Path], None]) -> None:
    page = bytearray(_first_page(copy.with_name(f"{copy.name}.model"), make))
    pages = copy.stat().st_size // len(page)
    page[PAGES_AT : PAGES_AT + 4] = pages.to_bytes(4, "big")
    page[FREE_AT : FREE_AT + 8] = bytes(8)
    with open(copy, "r+b") as file:
        file.write(page)


def _first_page(model: Path, make: Callable[[Path], None]) -> bytes:
    make(model)
    with open(model, "rb") as file:
        page = file.read(sqlite.PAGE_SIZE)
    model.unlink()
    return page


# empty catalogues: this program's, one that was brought along to it, and those of schema 1


def _new(model: Path) -> None:
    _make(model, PRESENT.metadata)


def _old(model: Path) -> None:
    _make(model, first_tables())


def _oldest(model: Path) -> None:
    _make(model, first_tables(), LATE)


def _brought_along(model: Path) -> None:
    _old(model)
    with closing(sqlite.open_writing(model)) as connection:
        connection.execute("INSERT INTO library (id, version, revision) VALUES (1, 1, 0)")
    migrating.upgrade_file(model, 1)
    migrating.give_room_back(model)


def _make(model: Path, metadata: MetaData, without: Collection[str] = ()) -> None:
    engine = sqlite.writer(model, create=True)
    tables = [table for name, table in metadata.tables.items() if name not in without]
    with engine.begin() as connection:
        metadata.create_all(connection, tables=tables)
    engine.dispose()
