"""Where the catalogue is: a file, or a server. No message repeats a URL: it has a password."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from ..errors import SettingsError
from ..settings import Settings

EXAMPLE = "postgresql://USER:PASSWORD@HOST/DATABASE"


def file_of(settings: Settings) -> Path | None:
    """The catalogue's file; None for one on a server. Raises SettingsError."""
    if settings.database_url is None:
        return settings.library / "catalog.db"
    url = _url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database:
        raise SettingsError("database_url: this names no file: `sqlite:////path/to/catalog.db`.")
    return Path(url.database)


def server_of(settings: Settings) -> URL:
    """Of a catalogue that is not in a file. Raises SettingsError."""
    url = _url(settings.database_url or "")
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(f"database_url: SQLite or PostgreSQL, as in {EXAMPLE}.")
    return url


def named(url: URL) -> str:
    """A database on a server, for people: without the user and the password."""
    host = url.host or url.query.get("host") or "this machine"
    return f"{url.database or 'the default one'} on {host} (PostgreSQL)"


def _url(written: str) -> URL:
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        url = None
    if url is None or "@" in (url.host or ""):
        raise SettingsError(
            f"database_url: this is not of the form {EXAMPLE}. In a user's name and a password "
            'these characters are written by number: "@" as %40, "/" as %2F, ":" as %3A, "%" as '
            "%25."
        )
    return url
