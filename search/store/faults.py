"""What a database reports -> our errors, by its codes and not by its words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from .. import disk
from ..errors import (
    DiskError,
    LibraryDamagedError,
    LibraryError,
    LibraryLockedError,
    NoLibraryError,
)
from . import sqlite

STATES = {  # SQLSTATE of other databases
    "53100": disk.no_space,
    "58030": disk.failing,
    "25006": disk.read_only,
    "42501": disk.read_only,
}


def translated(error: DBAPIError, name: str, path: Path | None, *, writing: bool) -> LibraryError:
    """Our error for the database's; `name` is the library, `path` its file if it has one."""
    cause = error.orig
    if path is not None and isinstance(cause, sqlite3.Error):
        return of_sqlite(cause, name, path, writing=writing)
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or ""
    if state in STATES:
        return STATES[state](name, str(cause))
    if state[:2] == "XX":
        return damaged(name, str(cause))
    if state in ("55P03", "40001", "40P01"):
        return locked(name, str(cause))
    return LibraryError(f"{name}: {cause}")


def of_sqlite(error: sqlite3.Error, name: str, path: Path, *, writing: bool) -> LibraryError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return disk.no_space(name, str(error))
    if code in sqlite.DAMAGE:
        return second_look(error, name, path)
    if code == sqlite3.SQLITE_ERROR:  # our statements fit our tables, unless these are damaged
        looked = second_look(error, name, path)
        return (
            looked if isinstance(looked, LibraryDamagedError) else LibraryError(f"{name}: {error}")
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return locked(name, str(error))
    if not path.exists():
        return gone(name)
    if reason := disk.probe(path, writing=writing):
        return disk.refused(name, reason, writing=writing)
    if code == sqlite3.SQLITE_READONLY:
        return disk.read_only(name, str(error))
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return disk.failing(name, str(error))
    return LibraryError(f"{name}: {error}")


def second_look(error: Exception, name: str, path: Path) -> LibraryError:
    """A read that fails once looks like damage to SQLite: damage is what is there twice."""
    try:
        found = sqlite.faults(path)
    except OSError as failed:
        return disk.refused(name, failed, writing=False)
    except sqlite3.Error as failed:
        return disk.failing(name, str(failed))
    if found:
        return damaged(name, found[0])
    return DiskError(
        f"{name}: a read failed ({error}), and a second look finds the catalogue whole. Try again."
    )


def damaged(name: str, why: str) -> LibraryDamagedError:
    return LibraryDamagedError(
        f"{name}: the catalogue is damaged ({why}). Run `indexer doctor --repair`."
    )


def locked(name: str, why: str) -> LibraryLockedError:
    return LibraryLockedError(f"{name}: the catalogue is locked ({why}).")


def gone(name: str) -> NoLibraryError:
    return NoLibraryError(f"{name}: no library here. Make one with `indexer add PATH`.")
