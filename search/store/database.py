"""Connections and transactions: one snapshot a read, one revision a write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from sqlite3 import Error as SqliteError
from typing import Self

from filelock import FileLock, Timeout
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    insert,
    inspect,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from .. import schema
from ..disk import refused
from ..errors import LibraryError, LibraryLockedError, LibraryVersionError, NoLibraryError
from ..locks import write_lock
from ..settings import Settings
from . import faults, sqlite


class Database:
    """Hands out transactions; knows nothing of what is in them.

    `path` is the file, where the database is one.
    """

    def __init__(
        self, name: str, reader: Engine, writer: Engine, lock: FileLock | None, path: Path | None
    ) -> None:
        self._name = name
        self._reader = reader
        self._writer = writer
        self._lock = lock
        self._path = path
        self._identity: tuple[int, int] | None = None
        self._writes = False  # whether there is a connection that writes
        self._missing: frozenset[str] = frozenset()  # tables that came after this library

    @classmethod
    def create(cls, settings: Settings) -> Self:
        """Open the library to write in it, made where there is none."""
        make_folder(settings)
        with cls._connect(settings, create=True)._kept_if_sound() as database:
            if not database._holds_library():
                refuse_what_was_lost(settings)
                database._missing = frozenset(schema.metadata.tables)
                with database.writing():
                    pass  # the first write makes what is missing
            database._check(writable=True)
        return database

    @classmethod
    def open(cls, settings: Settings, *, writable: bool = False) -> Self:
        """Nothing is written before the first write. `writable`: every table is there at once."""
        cls.require(settings)
        with cls._connect(settings)._kept_if_sound() as database:
            database._check(writable)
        return database

    @classmethod
    def require(cls, settings: Settings) -> None:
        """Raises NoLibraryError where there is nothing to open; opens nothing itself."""
        if not cls._connect(settings)._begun():
            refuse_what_was_lost(settings)
            raise faults.gone(str(settings.library))

    @classmethod
    def _connect(cls, settings: Settings, *, create: bool = False) -> Self:
        name = str(settings.library)
        path = file_of(settings)
        if path is None:
            engine = create_engine(settings.url)
            return cls(name, engine, engine, None, None)
        if path.is_dir():
            raise LibraryError(f"{path} is a folder, and the catalogue is a file: move it away.")
        writer = sqlite.writer(path, create=create)
        return cls(name, sqlite.reader(path), writer, write_lock(settings.library), path)

    @contextmanager
    def _kept_if_sound(self) -> Iterator[Self]:
        """Closed where opening it fails."""
        try:
            yield self
        except BaseException:
            self.close()
            raise

    def _begun(self) -> bool:
        """Whether there is anything to open."""
        if self._path is None:
            return True
        try:
            return self._path.stat().st_size > 0
        except FileNotFoundError:
            return False
        except OSError as error:
            raise refused(self._name, error, writing=False) from error

    def _holds_library(self) -> bool:
        if not self._begun():
            return False
        with self.reading() as connection:
            return inspect(connection).has_table("library")

    def _check(self, writable: bool) -> None:
        self._identity = None if self._path is None else sqlite.identity(self._path)
        with self.reading() as connection:
            tables = _tables(connection)
            if "library" not in tables:
                raise NoLibraryError(f"{self._name}: the database holds no library.")
            if lacking := schema.ALWAYS - tables:
                raise faults.damaged(self._name, f"it has lost its table {min(lacking)}")
            version = connection.scalar(select(schema.library.c.version))
        if version is None:
            raise faults.damaged(self._name, "its first row is gone")
        if version != schema.VERSION:
            raise _other_version(self._name, version)
        self._missing = frozenset(schema.metadata.tables) - tables
        if writable and self._missing:
            with self.writing():
                pass

    def has(self, table: Table) -> bool:
        """Whether it may be read: an older library gets the later tables by its first write."""
        if table.name in self._missing:
            with self.reading() as connection:  # another process may have written by now
                self._missing -= _tables(connection)
        return table.name not in self._missing

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot: all that is read inside belongs to one state of the database."""
        self._check_identity()
        with self._translated(), self._reader.begin() as connection:
            yield connection
            self._check_untouched(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, alone; it happens whole or not at all."""
        with self._locked(), self._translated(writing=True):
            self._check_identity()
            self._writes = True
            with self._writer.begin() as connection:
                if self._missing:
                    _make_tables(connection)
                yield connection
            self._missing = frozenset()

    @contextmanager
    def changing(self) -> Iterator[tuple[Connection, int]]:
        """A write transaction with a revision of its own.

        Taking the number first locks its row, so revisions become visible in the order in which
        they were handed out and no follower can miss one.
        """
        with self.writing() as connection:
            revision = connection.scalar(
                update(schema.library)
                .values(revision=schema.library.c.revision + 1)
                .returning(schema.library.c.revision)
            )
            assert revision is not None
            yield connection, revision

    def faults(self) -> list[str]:
        """What the database itself finds wrong; empty where it has no such check.

        Found twice: to SQLite, a read that fails once is damage. Raises DiskError.
        """
        if self._path is None:
            return []
        try:
            return sqlite.faults(self._path) and sqlite.faults(self._path)
        except OSError as error:
            raise refused(self._name, error, writing=False) from error
        except SqliteError as error:
            raise faults.of_sqlite(error, self._name, self._path, writing=False) from error
        finally:
            self._forget_connections()

    def close(self) -> None:
        """A writer that closes as the last one writes the log back, so it takes its turn. Who
        waits in vain is not the last one."""
        self._reader.dispose()
        with suppress(LibraryError), self._locked() if self._writes else nullcontext():
            self._writer.dispose()

    def _check_identity(self) -> None:
        if self._path is None or self._identity is None:
            return
        now = sqlite.identity(self._path)
        if now is None:
            raise faults.gone(self._name)
        if now != self._identity:
            raise NoLibraryError(
                f"{self._name}: the catalogue was replaced by another one. Start the program again."
            )

    def _check_untouched(self, connection: Connection) -> None:
        """Of a file that is read as it lies, without locks."""
        raw = connection.connection.dbapi_connection
        if self._path is None or not isinstance(raw, sqlite.ReadOnly) or raw.seen is None:
            return
        if raw.seen != sqlite.stamps(self._path):
            raise faults.locked(self._name, "it was written while it was read; try again")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._lock or nullcontext()
        try:
            lock.__enter__()
        except Timeout:
            raise LibraryLockedError(f"{self._name}: another process keeps writing.") from None
        except OSError as error:
            raise refused(self._name, error) from error
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    @contextmanager
    def _translated(self, *, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            try:
                raise faults.translated(error, self._name, self._path, writing=writing) from error
            finally:
                self._forget_connections()

    def _forget_connections(self) -> None:
        """Whoever has read the file by other means has dropped its locks with that (POSIX):
        connections that hold them for granted must not go on."""
        if self._path is None:
            return
        self._reader.dispose()
        self._writer.dispose()


def file_of(settings: Settings) -> Path | None:
    """The catalogue's file; None for a database that is no file."""
    if settings.database_url is None:
        return settings.library / "catalog.db"
    url = make_url(settings.database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database
    return Path(str(url.database)) if is_file else None


def make_folder(settings: Settings) -> None:
    """Of the library."""
    try:
        settings.library.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused(f"cannot make the library {settings.library}", error) from error


def refuse_what_was_lost(settings: Settings) -> None:
    """Thumbnails without a catalogue: to begin again in silence would bring back what people
    removed."""
    thumbs = settings.library / "thumbs"
    if settings.database_url is None and next(thumbs.glob("??/*.jpg"), None) is not None:
        raise NoLibraryError(
            f"{settings.library}: catalog.db is gone or empty, but thumbnails of indexed pictures "
            "are there. Put it back from a copy. To begin again, without what was removed from "
            f"the library and written by people, delete {thumbs} and run `indexer add PATH`."
        )


def _tables(connection: Connection) -> frozenset[str]:
    return frozenset(inspect(connection).get_table_names())


def _make_tables(connection: Connection) -> None:
    """Those that are missing: a library made by an earlier program has fewer."""
    is_new = not inspect(connection).has_table("library")
    schema.metadata.create_all(connection)
    if is_new:
        connection.execute(insert(schema.library).values(id=1, version=schema.VERSION, revision=0))


def _other_version(name: str, version: int) -> LibraryVersionError:
    newer = version > schema.VERSION
    age, remedy = (
        ("a newer", "Upgrade the program.")
        if newer
        else ("an older", "Move it away and run `indexer add` on your folders.")
    )
    return LibraryVersionError(
        f"{name}: made by {age} version of Pomona (schema {version}, this one reads "
        f"{schema.VERSION}). {remedy}"
    )
