"""Connections and transactions: one snapshot a read, one revision a write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from sqlite3 import Error as SqliteError
from typing import Self

from sqlalchemy import (
    Connection,
    Engine,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from .. import schema, thumbnails
from ..disk import refused
from ..errors import (
    LibraryError,
    LibraryLockedError,
    LibraryReadOnlyError,
    LibraryReplacedError,
    LibraryVersionError,
    NoLibraryError,
)
from ..locks import write_lock
from ..settings import Settings
from . import documents, faults, migrating, outline, postgres, sqlite
from .address import file_of, named, server_of
from .locking import Check

FIRST = 1  # schema that can be brought along


class Database:
    """Hands out transactions; knows nothing of what is in them.

    `path` is the file; None for a catalogue on a server.
    """

    def __init__(
        self,
        settings: Settings,
        reader: Engine,
        writer: Engine,
        path: Path | None,
    ) -> None:
        self._settings = settings
        self._name = str(settings.library)
        self._reader = reader
        self._writer = writer
        self._path = path
        self.server = named(server_of(settings)) if path is None else None  # for people
        self.check_run: Check | None = None  # whether the run that writes still does so alone
        self._identity: tuple[int, int] | None = None
        self._writes = False  # whether there is a connection that writes

    @classmethod
    def create(cls, settings: Settings) -> Self:
        """Open the library to write in it, made where there is none."""
        make_folder(settings)
        with cls._connect(settings, create=True)._kept_if_sound() as database:
            if not database._holds_library():
                refuse_what_was_lost(settings)
                with database._changing_tables() as connection:
                    _make_tables(connection)
            database._check()
        return database

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Nothing is written, but for an older library, which is brought to this schema."""
        cls.require(settings)
        with cls._connect(settings)._kept_if_sound() as database:
            database._check()
        return database

    @classmethod
    def require(cls, settings: Settings) -> None:
        """Raises NoLibraryError where there is nothing to open; opens nothing itself."""
        if not cls._connect(settings)._begun():
            refuse_what_was_lost(settings)
            raise faults.gone(str(settings.library))

    @classmethod
    def _connect(cls, settings: Settings, *, create: bool = False) -> Self:
        path = file_of(settings)
        if path is None:
            engine = postgres.engine(server_of(settings), isolation_level="READ COMMITTED")
            return cls(settings, postgres.reader(engine), engine, None)
        if path.is_dir():
            raise LibraryError(f"{path} is a folder, and the catalogue is a file: move it away.")
        writer = sqlite.writer(path, create=create)
        return cls(settings, sqlite.reader(path), writer, path)

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

    def _check(self) -> None:
        version = self._version()
        if FIRST <= version < schema.VERSION:
            self._bring_up(version)
            version = self._version()
        if version != schema.VERSION:
            raise _another(self._name, version)
        with self.reading() as connection:
            if lacking := frozenset(schema.metadata.tables) - _tables(connection):
                raise faults.damaged(self._name, f"it has lost its table {min(lacking)}")

    def _version(self) -> int:
        self._identity = None if self._path is None else sqlite.identity(self._path)
        with self.reading() as connection:
            if "library" not in _tables(connection):
                raise faults.empty(self._name)
            version: int | None = connection.scalar(select(schema.library.c.version))
        if version is None:
            raise faults.damaged(self._name, "its first row is gone")
        return version

    def _bring_up(self, version: int) -> None:
        """To this program's schema. Raises LibraryLockedError, LibraryReadOnlyError,
        NoSpaceError, LibraryDamagedError; then nothing has changed."""
        self._reader.dispose()
        try:
            with migrating.alone(self._settings), self._locked(), self._translated(writing=True):
                self._migrate()
        except LibraryReadOnlyError as error:
            raise LibraryReadOnlyError(f"{error} {migrating.unwritable(version)}") from error

    def _migrate(self) -> None:
        if self._path is None:
            return migrating.migrate_server(self._writer, self._settings.library)
        try:
            return migrating.migrate_file(self._path, self._settings.library)
        except OSError as error:
            raise refused(self._name, error) from error

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
        if self.check_run is not None:
            self.check_run()
        with self._changing_tables() as connection:
            version = connection.scalar(select(schema.library.c.version))
            if version is not None and version > schema.VERSION:
                raise _another(self._name, version)  # brought along while this program ran
            yield connection

    @contextmanager
    def _changing_tables(self) -> Iterator[Connection]:
        with self._locked(), self._translated(writing=True):
            self._check_identity()
            self._writes = True
            with self._writer.begin() as connection:
                if self._path is None:
                    postgres.take_turn(connection)
                yield connection

    @contextmanager
    def changing(self) -> Iterator[tuple[Connection, int]]:
        """A write transaction with a revision of its own.

        Taking the number first locks its row, so revisions become visible in the order in which
        they were handed out and no follower can miss one. What is written about the images that
        are stamped with it is kept in step at the end.
        """
        with self.writing() as connection:
            revision = next_revision(connection)
            yield connection, revision
            documents.keep(connection, revision)

    def faults(self) -> list[str]:
        """What the database itself finds wrong; empty where it has no such check.

        Found twice: to SQLite, a read that fails once is damage. Raises DiskError.
        """
        if self._path is None:
            return []
        from .layouts import tables_in

        try:
            return sqlite.faults(self._path, tables_in) and sqlite.faults(self._path, tables_in)
        except OSError as error:
            raise refused(self._name, error, writing=False) from error
        except SqliteError as error:
            raise faults.of_sqlite(error, self._name, self._path, writing=False) from error
        finally:
            self._forget_connections()

    def keep_outline(self) -> None:
        """For a rescue, should the first page be lost."""
        if self._path is None:
            return
        with self.reading() as connection:
            raw = connection.connection.dbapi_connection
            assert isinstance(raw, sqlite.ReadOnly)
            outline.keep(raw, self._path)

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
            raise self.replaced()

    def replaced(self) -> LibraryReplacedError:
        return LibraryReplacedError(
            f"{self._name}: the catalogue was replaced by another one. A server opens that by "
            "itself in a moment; start any other program again."
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
        from filelock import Timeout

        try:
            self._lock.__enter__()
        except Timeout:
            raise LibraryLockedError(f"{self._name}: another process keeps writing.") from None
        except OSError as error:
            raise refused(self._name, error) from error
        try:
            yield
        finally:
            self._lock.__exit__(None, None, None)

    @cached_property
    def _lock(self) -> AbstractContextManager[object]:
        return nullcontext() if self._path is None else write_lock(self._settings.library)

    @contextmanager
    def _translated(self, *, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, SqliteError) as error:
            try:
                raise self._ours(error, writing) from error
            finally:
                self._forget_connections()

    def _ours(self, error: DBAPIError | SqliteError, writing: bool) -> LibraryError:
        if self._path is None and isinstance(error, DBAPIError) and faults.is_away(error):
            return faults.of_server(error, self._name)
        if (version := self._newer_version()) is not None:
            return _another(self._name, version)
        if isinstance(error, DBAPIError):
            return faults.translated(error, self._name, self._path, writing=writing)
        assert self._path is not None
        return faults.of_sqlite(error, self._name, self._path, writing=writing)

    def _newer_version(self) -> int | None:
        """Where another program has brought the library along while this one ran."""
        try:
            with self._reader.begin() as connection:
                version = connection.scalar(select(schema.library.c.version))
        except DBAPIError:
            return None
        return version if version is not None and version > schema.VERSION else None

    def _forget_connections(self) -> None:
        """Whoever has read the file by other means has dropped its locks with that (POSIX):
        connections that hold them for granted must not go on."""
        if self._path is None:
            return
        self._reader.dispose()
        self._writer.dispose()


def next_revision(connection: Connection) -> int:
    """For all that this transaction changes."""
    number: int | None = connection.scalar(
        update(schema.library)
        .values(revision=schema.library.c.revision + 1)
        .returning(schema.library.c.revision)
    )
    assert number is not None
    return number


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
    if settings.database_url is None and thumbnails.any_in(thumbs):
        raise NoLibraryError(
            f"{settings.library}: catalog.db is gone or empty, but thumbnails of indexed pictures "
            "are there. Put it back from a copy. To begin again, without what was removed from "
            f"the library and written by people, delete {thumbs} and run `indexer add PATH`."
        )


def _tables(connection: Connection) -> frozenset[str]:
    return frozenset(inspect(connection).get_table_names())


def _make_tables(connection: Connection) -> None:
    """All of them, unless another process was faster."""
    if not inspect(connection).has_table("library"):
        schema.metadata.create_all(connection)
        connection.execute(insert(schema.library).values(id=1, version=schema.VERSION, revision=0))


def _another(name: str, version: int) -> LibraryVersionError:
    newer = version > schema.VERSION
    age, remedy = (
        ("a newer", "Upgrade the program and start it again.")
        if newer
        else ("an older", "Move it away and run `indexer add` on your folders.")
    )
    return LibraryVersionError(
        f"{name}: made by {age} version of Pomona (schema {version}, this one reads "
        f"{schema.VERSION}). {remedy}"
    )
