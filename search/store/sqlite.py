"""Opening catalog.db: who reads leaves no trace on the disk, who writes makes no second library.

Readers open it read-only and so never write the log back, which only one process may do at a time
(locks.py). Where SQLite cannot make the log's index (`-shm`) nobody can write either: there the
file is read as it lies, and each look begins and ends by checking that it has not changed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.exc import DisconnectionError

from ..disk import log_of

PAGE_SIZE = 16384  # bytes, of a new file
BUSY_SECONDS = 10.0  # longest wait for SQLite's own locks
BLOCK = 1 << 20  # bytes
NO_INDEX = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL}
NO_INDEX_EXTENDED = {
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMMAP,
}
Stamps = tuple[tuple[int, int, int] | None, ...]


class ReadOnly(sqlite3.Connection):
    """`seen`: how the files looked that are read as they lie; None beside a log and its index."""

    seen: Stamps | None = None


def reader(path: Path) -> Engine:
    """Connections that see one snapshot a transaction, and cannot write."""
    engine = _engine(path, lambda: open_reading(path), "BEGIN")

    @event.listens_for(engine, "checkout")
    def _again_where_it_changed(connection: Any, *_: object) -> None:
        if connection.seen not in (None, stamps(path)):
            raise DisconnectionError  # the pool opens another one

    return engine


def writer(path: Path, *, create: bool) -> Engine:
    """Connections whose transactions begin by locking out other writers."""
    return _engine(path, lambda: open_writing(path, create=create), "BEGIN IMMEDIATE")


def open_reading(path: Path) -> ReadOnly:
    try:
        return _look(_connect(path, "mode=ro"))
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode
        if code & 0xFF not in NO_INDEX and code not in NO_INDEX_EXTENDED:
            raise
    return _as_it_lies(path)


def open_writing(path: Path, *, create: bool = False) -> sqlite3.Connection:
    connection = _connect(path, "mode=rwc" if create else "mode=rw")
    try:
        for pragma in (
            f"page_size={PAGE_SIZE}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            _ask(connection, f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def stamps(path: Path) -> Stamps:
    """Which files these are, and their size and time: what a writer would change."""
    return tuple(_stamp(each) for each in (path, log_of(path)))


def identity(path: Path) -> tuple[int, int] | None:
    """Of the file that has this name now."""
    try:
        about = os.stat(path)
    except OSError:
        return None
    return about.st_dev, about.st_ino


def faults(path: Path, tables_in: Callable[[sqlite3.Connection], Mapping[str, Table]]) -> list[str]:
    """What SQLite finds wrong in the file, by a connection of its own; empty: it is whole.

    Raises OSError where the disk fails: SQLite would call that damage as well.
    """
    for each in (path, log_of(path)):
        _read_through(each)
    try:
        with closing(open_reading(path)) as connection:
            return structure(connection) + lacking(connection, tables_in(connection))
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in DAMAGE:
            raise
        return [str(error)]


def structure(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with pages and indexes."""
    found = [row[0] for row in _ask(connection, "PRAGMA integrity_check(20)")]
    return [fault for fault in found if fault != "ok"]


def lacking(connection: sqlite3.Connection, tables: Mapping[str, Table]) -> list[str]:
    """What every library has, and this one has lost: a flipped bit may have given it another
    name."""
    found = []
    for name in sorted(tables):
        wanted = {column.name for column in tables[name].columns}
        lost = sorted(wanted - columns(connection, name))
        found += [f"table {name} has lost its column {column}" for column in lost]
    return found


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """By name; read as bytes, for damage may have made a name no text."""
    names = connection.execute(f"SELECT CAST(name AS BLOB) FROM pragma_table_info('{table}')")
    return {name.decode("utf-8", "replace") for (name,) in names}


DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _engine(path: Path, connect: Any, begin: str) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), creator=connect)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _connect(path: Path, how: str) -> ReadOnly:
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path))}?{how}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # we say BEGIN ourselves: the driver's own comes too late
        check_same_thread=False,
        factory=ReadOnly,
    )
    connection.text_factory = _text
    return connection


def _look(connection: ReadOnly) -> ReadOnly:
    """SQLite opens the files at the first question, not before."""
    try:
        _ask(connection, "SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _ask(connection: sqlite3.Connection, statement: str) -> sqlite3.Cursor:
    """SQLite's message may quote the damage, and the driver takes it for text."""
    try:
        return connection.execute(statement)
    except UnicodeDecodeError:
        error = sqlite3.DatabaseError("malformed database schema")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error from None


def _as_it_lies(path: Path) -> ReadOnly:
    """With the log, if there is one, in memory; without locks, which need the index."""
    seen = stamps(path)
    log = seen[1]
    if log is None or log[1] == 0:
        connection = _connect(path, "mode=ro&immutable=1")
    else:
        connection = _connect(path, "mode=ro&vfs=unix-none")
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.seen = seen
    return _look(connection)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        about = os.stat(path)
    except OSError:
        return None
    return about.st_ino, about.st_size, about.st_mtime_ns


def _read_through(path: Path) -> None:
    try:
        with open(path, "rb", buffering=0) as file:
            while file.read(BLOCK):
                pass
    except FileNotFoundError:
        pass


def _text(stored: bytes) -> str:
    """A flipped bit may leave no UTF-8: the row's checksum is to say so, not the driver."""
    return stored.decode("utf-8", "replace")
