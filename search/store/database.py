"""Connections and transactions: one snapshot a read, one revision a write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from .. import schema
from ..errors import (
    LibraryDamagedError,
    LibraryError,
    LibraryLockedError,
    LibraryVersionError,
    NoLibraryError,
    NoSpaceError,
)
from ..locks import write_lock
from ..settings import Settings


class Database:
    """Hands out transactions; knows nothing of what is in them."""

    def __init__(self, engine: Engine, lock: FileLock | None, name: str) -> None:
        self._reader = engine
        self._writer = engine.execution_options(write=True)
        self._lock = lock
        self._name = name
        self._missing: frozenset[str] = frozenset()  # tables that came after this library

    @classmethod
    def create(cls, settings: Settings) -> Database:
        try:
            settings.library.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"{settings.library}: cannot make the library: {error}") from error
        database = cls._connect(settings)
        with database.writing() as connection:
            if not inspect(connection).has_table("library"):
                schema.metadata.create_all(connection)
                connection.execute(
                    insert(schema.library).values(id=1, version=schema.VERSION, revision=0)
                )
        database._check_version()
        return database

    @classmethod
    def open(cls, settings: Settings) -> Database:
        if settings.database_url is None and not (settings.library / "catalog.db").is_file():
            raise NoLibraryError(
                f"{settings.library}: no library here. Make one with `indexer add PATH`."
            )
        database = cls._connect(settings)
        database._check_version()
        return database

    @classmethod
    def _connect(cls, settings: Settings) -> Database:
        engine = create_engine(settings.url)
        lock = None
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            lock = write_lock(settings.library)
        return cls(engine, lock, str(settings.library))

    def _check_version(self) -> None:
        with self.reading() as connection:
            if not inspect(connection).has_table("library"):
                raise NoLibraryError(f"{self._name}: the database holds no library.")
            version = connection.scalar(select(schema.library.c.version))
            there = inspect(connection).get_table_names()
        if version is None or version > schema.VERSION:
            raise LibraryVersionError(
                f"{self._name}: made by a newer version of Pomona (schema {version}, "
                f"this one reads up to {schema.VERSION}). Upgrade the program."
            )
        self._missing = frozenset(schema.metadata.tables) - frozenset(there)

    def has(self, table: Table) -> bool:
        """Whether it may be read: an older library gets the later tables by its first write."""
        return table.name not in self._missing

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot: all that is read inside belongs to one state of the database."""
        with self._translated(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, alone; it happens whole or not at all."""
        with self._locked(), self._translated(), self._writer.begin() as connection:
            if self._missing:
                schema.metadata.create_all(connection)
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

    def close(self) -> None:
        """The last connection to close writes the log back, so it too takes its turn."""
        with self._locked():
            self._reader.dispose()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with self._lock or nullcontext():
                yield
        except Timeout:
            raise LibraryLockedError(f"{self._name}: another process keeps writing.") from None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._ours(error) from error

    def _ours(self, error: DBAPIError) -> LibraryError:
        told = str(error.orig)
        if "disk is full" in told or "disk I/O error" in told:
            return NoSpaceError(
                f"{self._name}: {told}. Free some space and run the command again; nothing is lost."
            )
        if "malformed" in told or "not a database" in told:
            return LibraryDamagedError(
                f"{self._name}: the catalogue is damaged ({told}). Run `indexer doctor --repair`."
            )
        if "locked" in told:
            return LibraryLockedError(f"{self._name}: the catalogue is locked ({told}).")
        return LibraryError(f"{self._name}: {told}")


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: pysqlite's own comes too late
    connection.text_factory = _text
    for pragma in (
        "page_size=16384",
        "busy_timeout=10000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _text(stored: bytes) -> str:
    """A flipped bit may leave no UTF-8: the row's checksum is to say so, not the driver."""
    return stored.decode("utf-8", "replace")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
