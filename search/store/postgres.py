"""A catalogue on PostgreSQL: snapshots for readers, one writer at a time, one run at a time.

Its locks are advisory ones, which the server drops with the connection that holds them: neither
kill -9 nor a machine that goes away leaves one behind. They are told apart by schema, so that one
database may hold several libraries.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from ..errors import AnotherRunError, LibraryError, LibraryLockedError, SettingsError
from ..locks import WRITE_SECONDS
from . import faults

DRIVER = "postgresql+psycopg"
ALIVE = {  # seconds until a server that has gone away in silence is taken for gone
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
OURS = (  # for every connection; the server takes a client for gone as soon as this one
    f"SET lock_timeout = '{int(WRITE_SECONDS)}s'",
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)
WRITING, RUNNING = 0x506F6D77, 0x506F6D72  # classes of locks
POLL_SECONDS = 0.5  # between two looks whether another run has ended
NAME_BYTES = 63  # the longest application_name
HOLDER = text(
    "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'advisory' AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    f"AND classid = {RUNNING} AND objid = CAST(hashtext(current_schema()) AS oid)"
)


def engine(url: URL, **options: Any) -> Engine:
    """Raises SettingsError where the driver is missing."""
    given = {name: value for name, value in ALIVE.items() if name not in url.query}
    arguments = {"application_name": "pomona"} | given | options.pop("connect_args", {})
    try:
        made = create_engine(
            url.set(drivername=DRIVER), pool_pre_ping=True, connect_args=arguments, **options
        )
    except ModuleNotFoundError:
        raise SettingsError(
            "database_url: PostgreSQL needs the driver psycopg, which is not installed here. "
            "Install it with `pip install 'pomona[postgres]'`."
        ) from None
    event.listen(made, "connect", _prepare, insert=True)  # before SQLAlchemy's own questions
    return made


def reader(engine: Engine) -> Engine:
    """Every transaction sees one snapshot. Writers wait for each other instead."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction writes, and be the one that does to the end."""
    connection.execute(select(func.pg_advisory_xact_lock(WRITING, _library())))


class RunLock:
    """One run at a time, on whatever machine. Held by a connection of its own."""

    def __init__(self, url: URL, name: str, command: str) -> None:
        self._name = name
        self._engine = engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"application_name": signed(command)},
        )
        self._connection: Connection | None = None
        self._mutex = threading.Lock()

    def acquire(self, *, wait: bool = False) -> None:
        """Raises AnotherRunError, which says who holds it, unless `wait`."""
        while not self._tried():
            if not wait:
                who = self._holder()
                self.release()
                raise AnotherRunError(
                    f"{self._name} is in use: {who}. Try again later, or add --wait.", holder=who
                )
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Before each write: a server that was restarted has dropped the lock.

        Raises LibraryLockedError if another run has taken it since.
        """
        with self._mutex:
            if not self._lives():
                self._acquire_again()

    def release(self) -> None:
        with suppress(DBAPIError):
            if self._connection is not None:
                self._connection.close()
        self._connection = None

    def _acquire_again(self) -> None:
        try:
            self.acquire()
        except AnotherRunError as error:  # this one has begun, too
            raise LibraryLockedError(str(error), error.holder) from None

    def _lives(self) -> bool:
        """The connection that holds the lock; none does where it could not be had again."""
        if self._connection is None:
            return False
        try:
            self._ask(select(literal(1)))
        except LibraryError:
            return False
        return True

    def _tried(self) -> bool:
        return bool(self._ask(select(func.pg_try_advisory_lock(RUNNING, _library()))))

    def _holder(self) -> str:
        return str(self._ask(HOLDER) or "another indexer")

    def _ask(self, statement: Any) -> Any:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            return self._connection.scalar(statement)
        except DBAPIError as error:
            self.release()  # whatever it held
            raise faults.of_server(error, self._name) from error


def signed(command: str) -> str:
    """Who runs: what another run is told of it."""
    host = socket.gethostname().encode("ascii", "replace").decode()
    whole = f"indexer {command} (process {os.getpid()} on {host})"
    return whole if len(whole) <= NAME_BYTES else f"{whole[: NAME_BYTES - 4]}...)"


def _library() -> Any:
    return func.hashtext(func.current_schema())


def _prepare(connection: Any, _: object) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise LibraryError(
            f"database_url: this database keeps text as {encoding}, and captions need UTF8. Make "
            "another one: `createdb -E UTF8 -T template0 NAME`."
        )
    with connection.cursor() as cursor:
        for statement in OURS:
            cursor.execute(statement)
    connection.commit()
