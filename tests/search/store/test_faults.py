"""A disk that fails now and then is called one, and not a damaged catalogue or a full disk."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from search.errors import (
    DiskError,
    LibraryDamagedError,
    LibraryLockedError,
    LibraryReadOnlyError,
    NoSpaceError,
)
from search.store.faults import second_look, translated
from tests.damage import contents, make_library
from tests.golden.library import unpacked

TESTS = Path(__file__).parents[2]
Told = list[tuple[str, str, Any]]
Failing = Callable[..., Told]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("whole")).library


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("calls of the system can be made to fail on Linux, with a C compiler")
    made = tmp_path_factory.mktemp("shim") / "failing_disk.so"
    source = TESTS / "failing_disk.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return made


@pytest.fixture
def failing(library: Path, shim: Path, tmp_path: Path) -> Failing:
    """Each call of a kind fails in turn, each time in the same library: what was said."""

    def run(work: str, call: str, error: str, *, always: bool = False) -> Told:
        copy = tmp_path / "library"
        shutil.copytree(library, copy)
        arguments = [work, str(copy), call, error, str(int(always))]
        done = subprocess.run(
            [sys.executable, "-m", "tests.failing", *arguments],
            capture_output=True,
            text=True,
            cwd=TESTS.parent,
            env={**os.environ, "LD_PRELOAD": str(shim)},
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        told = [tuple(json.loads(line)) for line in done.stdout.splitlines()]
        assert told, "the failing calls were not met"
        return told

    return run


@pytest.mark.parametrize("always", [False, True])
def test_a_read_that_fails_is_the_disk_and_not_damage(failing: Failing, always: bool) -> None:
    told = failing("read", "pread", "EIO", always=always)
    assert len(told) > 3
    assert {error for error, _, _ in told} == {"DiskError"}
    assert all("try again" in said.lower() for _, said, _ in told)


def test_a_repair_that_meets_one_failing_read_leaves_a_sound_catalogue_alone(
    failing: Failing, library: Path, tmp_path: Path
) -> None:
    told = failing("repair", "pread", "EIO")
    assert {error for error, _, _ in told} == {"DiskError", ""}  # after a second look it is whole
    assert all(gave == [True, 0, False] for error, _, gave in told if not error)
    assert not list((tmp_path / "library").glob("damaged-*"))
    assert contents(tmp_path / "library" / "catalog.db") == contents(library / "catalog.db")


@pytest.mark.parametrize("call", ["pwrite", "fsync", "open"])
def test_a_disk_without_space_is_called_full_whatever_fails(failing: Failing, call: str) -> None:
    told = failing("write", call, "ENOSPC", always=True)
    assert {error for error, _, _ in told} <= {"NoSpaceError", ""}
    assert "NoSpaceError" in {error for error, _, _ in told}


@pytest.mark.parametrize("call", ["pwrite", "fsync"])
def test_a_write_that_fails_is_no_full_disk(failing: Failing, call: str) -> None:
    told = failing("write", call, "EIO")
    assert {error for error, _, _ in told} <= {"DiskError", ""}
    assert "DiskError" in {error for error, _, _ in told}


@pytest.mark.parametrize(
    ("spoiled", "error"),
    [
        ("", DiskError),
        ("ALTER TABLE caption RENAME COLUMN language TO manguage", LibraryDamagedError),
        ("ALTER TABLE embedding RENAME TO ambedding", LibraryDamagedError),
    ],
)
def test_a_failed_read_of_an_older_catalogue_is_damage_only_where_a_second_look_finds_some(
    tmp_path: Path, spoiled: str, error: type[Exception]
) -> None:
    catalogue = unpacked("v1", tmp_path) / "catalog.db"
    with closing(sqlite3.connect(catalogue)) as connection:
        connection.execute(spoiled)
    failed = sqlite3.DatabaseError("database disk image is malformed")
    assert type(second_look(failed, "library", catalogue)) is error


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("53100", NoSpaceError),
        ("58030", DiskError),
        ("25006", LibraryReadOnlyError),
        ("XX001", LibraryDamagedError),
        ("55P03", LibraryLockedError),
    ],
)
def test_other_databases_go_by_their_states(state: str, error: type[Exception]) -> None:
    class ReportedError(Exception):
        sqlstate = state

    reported = DBAPIError("SELECT 1", {}, ReportedError("in whatever language"))
    assert type(translated(reported, "library", None, writing=True)) is error
