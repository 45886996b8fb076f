"""A PostgreSQL of the tests' own: in a temporary folder, reached through a socket in it."""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
USER = "pomona"
USERS = ("postgres", "nobody")  # who runs it where we are root: PostgreSQL refuses that
SETTINGS = (
    "fsync = off",
    "full_page_writes = off",
    "listen_addresses = ''",
    "max_connections = 100",
    "shared_buffers = 32MB",
    "autovacuum = off",
)


class Cluster:
    """A server, and as many places for libraries as are asked for."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._data = folder / "data"
        self._socket = folder
        self._numbers = itertools.count(1)
        owner = _owner()
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._as: dict[str, Any] = {}
        if owner is not None:
            self._as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self._make()
        with open(self._data / "postgresql.conf", "a") as file:
            file.write("\n".join([*SETTINGS, f"unix_socket_directories = '{folder}'", ""]))

    def start(self) -> None:
        """A child of ours, which ends with us however that is."""
        with open(self._socket / "log", "ab") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", str(self._data)],
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=_end_with_parent,
                **self._as,
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._server.poll() is None, (self._socket / "log").read_text()
            assert time.monotonic() < deadline, "PostgreSQL does not start"
            time.sleep(0.02)

    def stop(self, signal_: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends what is going on; SIGQUIT is as a machine that loses its power."""
        self._server.send_signal(signal_)
        self._server.wait(60)

    def restart(self) -> None:
        self.stop(signal.SIGQUIT)
        self.start()

    def new(self) -> str:
        """The URL of an empty schema: as good as a database, and made in no time."""
        name = f"library{next(self._numbers)}"
        self.ask(f"CREATE SCHEMA {name}")
        return f"{self.url()}&options=-csearch_path%3D{name}"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}@/{database}?host={self._socket}"

    def ask(self, statement: str, url: str | None = None) -> list[tuple[object, ...]]:
        """By a connection of its own."""
        import psycopg

        with (
            closing(psycopg.connect(url or self.url(), autocommit=True)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        asked = [self._programs / "pg_isready", "-q", "-h", str(self._socket)]
        return subprocess.run(asked, check=False).returncode == 0

    def _make(self) -> None:
        how = ("-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        done = subprocess.run(
            [self._programs / "initdb", *how, "-D", str(self._data)],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **self._as,
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def running() -> Iterator[Cluster]:
    """Skips where PostgreSQL is not installed."""
    programs = _programs()
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pomona-postgres-"))
    try:
        cluster = Cluster(programs, folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder)


def _end_with_parent() -> None:
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _programs() -> Path:
    """Debian keeps them out of the path, by version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    at = shutil.which("initdb") or (found[-1] if found else None)
    if at is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    return Path(at).resolve().parent


def _version(initdb: Path) -> int:
    version = initdb.parent.parent.name
    return int(version) if version.isdigit() else 0


def _owner() -> pwd.struct_passwd | None:
    """Another user, where we are root."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in USERS if name in known)
