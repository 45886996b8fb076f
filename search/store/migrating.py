"""Bringing an older library to this program's schema: who may, when, and what is kept of before."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from .. import schema
from ..disk import log_of, no_space
from ..errors import LibraryLockedError
from ..locks import server_beside
from ..settings import Settings
from . import documents, faults, outline, postgres, sqlite
from .address import file_of
from .locking import holds_run, run_alone
from .migrations import upgrade

BACKUPS = "backups"  # folder in the library
ROOM = 3  # times the catalogue: the copy, the log, and the new tables beside the old ones
LEAST_ROOM = 16 << 20  # bytes
log = logging.getLogger(__name__)  # a person hears of it even where nobody has set up logging


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """No run writes, and no server reads the old tables. Raises LibraryLockedError."""
    library = settings.library
    what = (
        f"{library}: made by an earlier version of Pomona; it has to be brought to schema "
        f"{schema.VERSION} first, and that has to wait."
    )
    if server := server_beside(library, file_of(settings)):
        raise LibraryLockedError(
            f"{what} The earlier version is still serving it (process {server}): end that, and "
            "try again."
        )
    with ExitStack() as stack:
        if not holds_run(settings):
            try:
                stack.enter_context(run_alone(settings, "upgrade"))
            except LibraryLockedError as error:
                raise LibraryLockedError(
                    f"{what} It is in use: {error.holder}. Try again when that has ended.",
                    error.holder,
                ) from None
        yield


def unwritable(version: int) -> str:
    return (
        f"It has schema {version} and must be brought to {schema.VERSION} before it can be used: "
        "open it once where it can be written to, as its owner, or copy it and open the copy."
    )


def migrate_file(path: Path, library: Path) -> None:
    """The write lock and the run lock are held. Raises what SQLite and the system raise."""
    with closing(sqlite.open_writing(path)) as connection:
        version = _version_of(connection)
        if version >= schema.VERSION:
            return  # another process was faster
        if found := sqlite.structure(connection):
            raise faults.damaged(str(library), found[0])  # where nothing is written, see rescue
        kept = _kept(connection, path, library, version)
    try:
        upgrade_file(path, version)
    except BaseException:
        if _still_has(path, version):
            kept.unlink()
        raise
    log.warning(
        "%s was brought from schema %d to %d; the old catalogue is kept in %s.",
        library, version, schema.VERSION, kept,
    )  # fmt: skip
    give_room_back(path)


def upgrade_file(path: Path, version: int) -> None:
    engine = sqlite.writer(path, create=False)
    event.listen(engine, "connect", _without_foreign_keys)
    try:
        with engine.begin() as transaction:
            upgrade(transaction, version)
            documents.fill(transaction)
            _keep_outline(transaction, path)  # already: from the commit on it may be needed
    finally:
        engine.dispose()


def give_room_back(path: Path) -> None:
    """What the old tables took; where that fails, later rows take it."""
    with suppress(sqlite3.Error), closing(sqlite.open_writing(path)) as connection:
        connection.execute("VACUUM")
        outline.keep(connection, path)


def _keep_outline(transaction: Connection, path: Path) -> None:
    connection = transaction.connection.dbapi_connection
    assert isinstance(connection, sqlite3.Connection)
    outline.keep(connection, path)


def migrate_server(engine: Engine, library: Path) -> None:
    """A database that keeps backups of its own: in one transaction, and one process at a time."""
    with engine.begin() as connection:
        postgres.take_turn(connection)
        version = connection.scalar(text("SELECT version FROM library"))
        assert version is not None
        if version >= schema.VERSION:
            return
        upgrade(connection, version)
        documents.fill(connection)
    log.warning(
        "%s was brought from schema %d to %d; this database keeps no copy of before.",
        library, version, schema.VERSION,
    )  # fmt: skip


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT version FROM library").fetchone()[0])


def _still_has(path: Path, version: int) -> bool:
    """False where nobody can tell: the upgrade may have been committed."""
    try:
        with closing(sqlite.open_reading(path)) as connection:
            return _version_of(connection) == version
    except sqlite3.Error:
        return False


def _kept(connection: sqlite3.Connection, path: Path, library: Path, version: int) -> Path:
    """A copy of the catalogue as it is, page by page."""
    folder = library / BACKUPS
    for left in folder.glob("*.partial*"):  # by a program that was killed
        left.unlink()
    size = path.stat().st_size + (log_of(path).stat().st_size if log_of(path).exists() else 0)
    needed = max(LEAST_ROOM, ROOM * size)
    free = min(shutil.disk_usage(folder).free for folder in (path.parent, library))
    if free < needed:
        raise no_space(
            library,
            f"to bring it to schema {schema.VERSION} takes about {needed >> 20} MB for a while, "
            f"and {free >> 20} MB are free",
        )
    folder.mkdir(exist_ok=True)
    kept = folder / time.strftime(f"catalog-v{version}-%Y%m%d-%H%M%S.db")
    partial = kept.with_suffix(".partial")
    try:
        partial.touch(0o600)
        shutil.copymode(path, partial)
        with closing(sqlite3.connect(partial)) as copy:
            connection.backup(copy)
        _sync(partial)
        os.replace(partial, kept)
        _sync(folder)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return kept


def _without_foreign_keys(connection: Any, _: object) -> None:
    """A table that is made again must not take along what points to it."""
    connection.execute("PRAGMA foreign_keys=OFF")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
