"""A PostgreSQL of the tests' own: in a temporary folder, reached through a socket in it."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

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
        self._as = {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid}
        self._run("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        with open(self._data / "postgresql.conf", "a") as file:
            file.write("\n".join([*SETTINGS, f"unix_socket_directories = '{folder}'", ""]))

    def start(self) -> None:
        self._run("pg_ctl", "start", "-w", "-s", "-l", str(self._socket / "log"))

    def stop(self, how: str = "fast") -> None:
        """`immediate`: as a machine that loses its power."""
        self._run("pg_ctl", "stop", "-w", "-s", "-m", how)

    def restart(self, how: str = "immediate") -> None:
        self.stop(how)
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

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments, "-D", str(self._data)],
            stdout=subprocess.DEVNULL,  # a pipe would stay open as long as the server runs
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            text=True,
            cwd="/",
            extra_groups=[] if self._as else None,
            **self._as,  # type: ignore[arg-type]
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"


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
            cluster.stop("immediate")
    finally:
        shutil.rmtree(folder)


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
