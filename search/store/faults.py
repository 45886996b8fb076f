"""What a database reports -> our errors, by its codes and not by its words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import DBAPIError, OperationalError

from .. import disk
from ..errors import (
    DatabaseUnavailableError,
    DiskError,
    LibraryDamagedError,
    LibraryError,
    LibraryLockedError,
    NoLibraryError,
)
from . import sqlite


def translated(error: DBAPIError, name: str, path: Path | None, *, writing: bool) -> LibraryError:
    """Our error for the database's; `name` is the library, `path` its file if it has one."""
    if path is not None and isinstance(error.orig, sqlite3.Error):
        return of_sqlite(error.orig, name, path, writing=writing)
    return of_server(error, name)


def of_server(error: DBAPIError, name: str) -> LibraryError:
    """By SQLSTATE. An attempt to connect fails without one."""
    why = _said(error)
    if is_away(error):
        return unavailable(name, why)
    known = STATES.get(_state(error))
    return known(name, why) if known else LibraryError(f"{name}: {why}")


def is_away(error: DBAPIError) -> bool:
    """Whether the server cannot be reached, or ends this connection."""
    state = _state(error)
    if error.connection_invalidated or state.startswith(UNREACHABLE):
        return True
    return not state and isinstance(error, OperationalError)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _said(error: DBAPIError) -> str:
    """In one line, without the statement and without libpq's own advice."""
    said = getattr(getattr(error.orig, "diag", None), "message_primary", None) or str(error.orig)
    lines = (line.strip() for line in said.splitlines())
    return " ".join(line for line in lines if line and not line.startswith("Is the server running"))


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
    from .layouts import tables_in  # needed by nobody whose catalogue is whole

    try:
        found = sqlite.faults(path, tables_in)
    except OSError as failed:
        return disk.refused(name, failed, writing=False)
    except sqlite3.Error as failed:
        return disk.failing(name, str(failed))
    if found:
        return damaged(name, found[0])
    return DiskError(
        f"{name}: a read failed ({error}), and a second look finds the catalogue whole. Try again."
    )


def unavailable(name: str, why: str) -> DatabaseUnavailableError:
    return DatabaseUnavailableError(
        f"{name}: the database cannot be reached ({why}). Is PostgreSQL running, and is "
        "database_url right? What was stored is safe: try again."
    )


def damaged_on_server(name: str, why: str) -> LibraryDamagedError:
    return LibraryDamagedError(
        f"{name}: the database is damaged ({why}). PostgreSQL's log says more; bring the database "
        "back from a copy."
    )


def damaged(name: str, why: str) -> LibraryDamagedError:
    return LibraryDamagedError(
        f"{name}: the catalogue is damaged ({why}). Run `indexer doctor --repair`."
    )


def locked(name: str, why: str) -> LibraryLockedError:
    return LibraryLockedError(f"{name}: the catalogue is locked ({why}).")


def gone(name: str) -> NoLibraryError:
    return NoLibraryError(f"{name}: no library here. Make one with `indexer add PATH`.")


def empty(name: str, why: str = "") -> NoLibraryError:
    about = f" ({why})" if why else ""
    return NoLibraryError(
        f"{name}: the database holds no library{about}. Make one with `indexer add PATH`."
    )


UNREACHABLE = ("08", "57P", "53300")  # beginnings of SQLSTATEs
STATES: dict[str, Callable[[str, str], LibraryError]] = {
    "25006": disk.read_only,
    "40001": locked,
    "40P01": locked,
    "42501": disk.read_only,
    "42P01": empty,
    "53100": disk.no_space,
    "55P03": locked,
    "58030": disk.failing,
    "XX001": damaged_on_server,
    "XX002": damaged_on_server,
}
