"""An older library is brought to this program's schema once, whole or not at all."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from sqlalchemy import Engine, create_engine, inspect, select

from search import schema
from search.errors import (
    LibraryDamagedError,
    LibraryLockedError,
    LibraryReadOnlyError,
    LibraryVersionError,
    NoSpaceError,
)
from search.filters import Filters
from search.findings import DAMAGE, Code
from search.locks import server_beside
from search.records import Space
from search.settings import Settings
from search.store import Store
from search.store.layouts import first_tables
from search.store.migrations import STEPS
from tests.cluster import Cluster
from tests.contracts.store import ENCODER, add, written
from tests.disks import as_nobody, small_disk
from tests.golden.library import unpacked

IMAGES = 72  # of the golden library


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """A library of schema 1."""
    return Settings(library=unpacked("v1", tmp_path))


def version_of(library: Path) -> int:
    with closing(sqlite3.connect(library / "catalog.db")) as connection:
        return int(connection.execute("SELECT version FROM library").fetchone()[0])


def backups(library: Path) -> list[Path]:
    return sorted((library / "backups").glob("*"))


def rows_of(catalogue: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(catalogue)) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in tables
        }


def test_there_is_a_step_to_every_schema_up_to_this_one() -> None:
    assert sorted(STEPS) == list(range(2, schema.VERSION + 1))


def described(engine: Engine) -> dict[str, Any]:
    """All that a database says of its tables."""
    look = inspect(engine)
    return {
        name: {
            "columns": [
                {**column, "type": str(column["type"])} for column in look.get_columns(name)
            ],
            "key": look.get_pk_constraint(name)["constrained_columns"],
            "foreign": sorted(look.get_foreign_keys(name), key=repr),
            "unique": sorted(look.get_unique_constraints(name), key=repr),
            "indexes": sorted(look.get_indexes(name), key=repr),
        }
        for name in look.get_table_names()
    }


def test_a_library_that_was_brought_along_has_the_tables_of_a_new_one(
    old: Settings, tmp_path: Path
) -> None:
    new = Settings(library=tmp_path / "new")
    Store.open(old).close()
    Store.create(new).close()
    found = []
    for settings in (old, new):
        engine = create_engine(f"sqlite:///{settings.library / 'catalog.db'}")
        with engine.begin() as connection:
            statements = connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema").all()
        autoincrement = {name for name, sql in statements if "AUTOINCREMENT" in (sql or "")}
        found.append((described(engine), autoincrement))
        engine.dispose()
    assert found[0] == found[1]


def test_a_library_on_postgres_is_brought_along_too(
    old: Settings,
    on_postgres: str,
    cluster: Cluster,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    copy_to(on_postgres, old.library / "catalog.db")
    Store.open(old).close()
    caplog.clear()
    server = Settings(library=tmp_path / "server", database_url=on_postgres)
    server.library.mkdir()
    with Store.open(server) as there, Store.open(old) as here:
        assert there.stats() == here.stats()
        for space in Space:
            model = here.encoders.current()
            assert model is not None
            told, wanted = (s.vectors.changes(model, space, 0) for s in (there, here))
            for name in ("ids", "owners", "vectors"):
                assert np.array_equal(getattr(told, name), getattr(wanted, name)), name
        ids = here.images.allowed_ids(Filters()).tolist()
        assert there.images.get(ids) == here.images.get(ids)
        assert list(there.integrity.problems(deep=True)) == []
        (new,) = add(there, "another")
        assert new > max(ids)
    assert "no copy" in caplog.messages[0]
    url = cluster.new()
    Store.create(Settings(library=tmp_path / "new", database_url=url)).close()
    brought, fresh = (described_by_name(each) for each in (on_postgres, url))
    assert brought == fresh


def described_by_name(url: str) -> dict[str, Any]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    found = described(engine)
    engine.dispose()
    return json.loads(re.sub(r"library\d+\.", "", json.dumps(found, default=str)))


def copy_to(url: str, catalogue: Path) -> None:
    """The tables of schema 1 with these rows, as a program of then would have them there."""
    old = first_tables()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    file = create_engine(f"sqlite:///{catalogue}")
    with engine.begin() as target, file.begin() as source:
        old.create_all(target)
        for table in old.sorted_tables:
            rows = [dict(row._mapping) for row in source.execute(select(table))]
            if rows:
                target.execute(table.insert(), rows)
            if "id" in table.c and table.name != "library":
                sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
                highest = f"(SELECT coalesce(max(id), 1) FROM {table.name})"
                target.exec_driver_sql(f"SELECT setval({sequence}, {highest})")
    engine.dispose()
    file.dispose()


@pytest.mark.parametrize("open_", [Store.open, Store.create])
def test_whoever_opens_it_says_what_was_done_and_the_catalogue_of_before_is_kept(
    old: Settings, open_: Callable[[Settings], Store], caplog: pytest.LogCaptureFixture
) -> None:
    (old.library / "catalog.db").chmod(0o600)
    before = rows_of(old.library / "catalog.db")
    with caplog.at_level(logging.WARNING), open_(old) as store:
        assert store.stats().images == IMAGES
    (kept,) = backups(old.library)
    assert rows_of(kept) == before
    assert kept.stat().st_mode & 0o777 == 0o600
    assert version_of(old.library) == schema.VERSION
    (said,) = caplog.messages
    assert f"from schema 1 to {schema.VERSION}" in said
    assert str(kept) in said
    caplog.clear()
    with open_(old), caplog.at_level(logging.WARNING):
        assert caplog.messages == []
    assert backups(old.library) == [kept]


def test_its_words_are_those_of_a_library_that_was_made_today(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library")
    with Store.create(settings) as store:
        store.encoders.bind(ENCODER, None)
        add(store, "a", "b")
        made = written(store)
    assert len(made) == 2
    with closing(sqlite3.connect(settings.library / "catalog.db")) as connection:
        connection.executescript(
            "DROP TABLE product_image; DROP TABLE product; DROP TABLE feed;"
            "DROP TABLE document; DROP TABLE word; UPDATE library SET version = 3"
        )
    with Store.open(settings) as store:
        assert written(store) == made
        assert list(store.integrity.problems(deep=True)) == []


def test_a_run_brings_it_along_under_its_own_lock(old: Settings) -> None:
    with Store.for_run(old, "sync") as store:
        assert store.stats().images == IMAGES


def test_of_several_that_open_it_at_once_one_does_it(old: Settings) -> None:
    program = "import sys, pathlib; from search.settings import Settings; " + (
        "from search.store import Store; "
        "print(Store.open(Settings(library=pathlib.Path(sys.argv[1]))).stats().images)"
    )

    def run(_: int) -> str:
        command = [sys.executable, "-c", program, str(old.library)]
        return subprocess.run(command, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(3) as threads:
        said = list(threads.map(run, range(3)))
    assert f"{IMAGES}\n" in said  # the others may be told that it is in use
    assert set(said) <= {f"{IMAGES}\n", ""}
    assert len(backups(old.library)) == 1
    assert version_of(old.library) == schema.VERSION


def test_a_kill_in_the_middle_leaves_the_library_as_it_was(old: Settings) -> None:
    before = rows_of(old.library / "catalog.db")
    command = [sys.executable, "-m", "tests.search.store.halted_upgrade", str(old.library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        process.send_signal(signal.SIGKILL)
    assert rows_of(old.library / "catalog.db") == before
    with Store.open(old) as store:
        assert store.stats().images == IMAGES


def test_ctrl_c_behind_the_upgrade_leaves_the_copy_of_before(old: Settings) -> None:
    before = rows_of(old.library / "catalog.db")
    program = ["tests.search.store.halted_upgrade", str(old.library), "--interrupted"]
    done = subprocess.run([sys.executable, "-m", *program], capture_output=True, text=True)
    assert "KeyboardInterrupt" in done.stderr
    assert version_of(old.library) == schema.VERSION
    (kept,) = backups(old.library)
    assert rows_of(kept) == before


def test_what_a_killed_program_had_copied_goes_with_the_next_try(old: Settings) -> None:
    (old.library / "backups").mkdir()
    for end in ("partial", "partial-journal"):
        (old.library / "backups" / f"catalog-v1-20260101-000000.{end}").write_bytes(b"half")
    Store.open(old).close()
    (kept,) = backups(old.library)
    assert kept.suffix == ".db"


def test_a_vector_that_became_a_text_is_a_damaged_one_and_no_obstacle(old: Settings) -> None:
    """One flipped bit in SQLite: the length is the same, and no page is damaged."""
    with closing(sqlite3.connect(old.library / "catalog.db")) as connection:
        connection.execute(
            "UPDATE embedding SET vector = CAST(zeroblob(length(vector)) AS TEXT) "
            "WHERE space = 'image' AND image_id = (SELECT min(id) FROM image)"
        )
        connection.commit()
    with Store.open(old) as store:
        found = {(each.code, each.image_id) for each in store.integrity.problems(deep=True)}
    assert [code for code, _ in found if code in DAMAGE] == [Code.VECTOR_DAMAGED]


def test_a_disk_without_room_is_named_and_nothing_has_changed(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        library = unpacked("v1", disk.path)
        with pytest.raises(NoSpaceError, match="MB are free"):
            Store.open(Settings(library=library))
        assert version_of(library) == 1
        assert not list((library / "backups").glob("*"))


def test_a_disk_that_fills_up_meanwhile_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    """The room was there when it was measured."""
    with small_disk(tmp_path / "disk", "24m") as disk:
        library = unpacked("v1", disk.path)
        before = rows_of(library / "catalog.db")
        command = [sys.executable, "-m", "tests.search.store.halted_upgrade", library, disk.path]
        said = subprocess.run(command, capture_output=True, text=True).stdout
        assert said.splitlines()[-1].startswith("NoSpaceError"), said
        assert rows_of(library / "catalog.db") == before
        assert backups(library) == []
        disk.make_room()
        with Store.open(Settings(library=library)) as store:
            assert store.stats().images == IMAGES


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Settings]:
    """A library of schema 1 that every user may read."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    library = unpacked("v1", folder)
    library.chmod(0o755)
    yield Settings(library=library)
    shutil.rmtree(folder)


def test_who_may_not_write_is_told_who_can_bring_it_along(public: Settings) -> None:
    said = as_nobody(lambda: Store.open(public))
    assert said.startswith(LibraryReadOnlyError.__name__)
    assert "as its owner" in said
    assert version_of(public.library) == 1


def test_a_read_only_disk_is_told_apart(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        library = unpacked("v1", disk.path)
        disk.make_read_only()
        with pytest.raises(LibraryReadOnlyError, match="open the copy"):
            Store.open(Settings(library=library))


def test_a_run_of_the_earlier_program_has_to_end_first(old: Settings) -> None:
    lock = FileLock(old.library / "lock")
    about = {"command": "add", "pid": 12345, "host": "here"}
    (old.library / "lock.json").write_text(json.dumps(about))
    with lock, pytest.raises(LibraryLockedError, match="process 12345") as caught:
        Store.open(old)
    assert "schema" in str(caught.value)
    assert "--wait" not in str(caught.value)  # not every command has it
    Store.open(old).close()


@contextmanager
def serving(library: Path, catalogue: Path | None = None) -> Iterator[int]:
    """A process that has the catalogue open and says so, as a server does."""
    program = "import sys; file = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    opened = catalogue or library / "catalog.db"
    command = [sys.executable, "-c", program, str(opened), "serve"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        about = {"url": "http://127.0.0.1:1", "pid": process.pid}
        (library / "server.json").write_text(json.dumps(about))
        yield process.pid
        process.kill()


def test_a_server_of_the_earlier_program_has_to_end_first(old: Settings) -> None:
    with serving(old.library) as pid, pytest.raises(LibraryLockedError, match=f"process {pid}"):
        Store.open(old)
    assert version_of(old.library) == 1
    Store.open(old).close()


def test_a_server_of_the_earlier_program_is_seen_where_the_catalogue_lies_elsewhere(
    old: Settings, tmp_path: Path
) -> None:
    moved = (old.library / "catalog.db").rename(tmp_path / "moved.db")
    settings = Settings(library=old.library, database_url=f"sqlite:///{moved}")
    with serving(old.library, moved), pytest.raises(LibraryLockedError, match="still serving"):
        Store.open(settings)
    Store.open(settings).close()


@pytest.mark.parametrize("pid", [None, os.getppid()])
def test_of_a_database_on_a_server_the_command_tells_who_serves_it(
    tmp_path: Path, pid: int | None
) -> None:
    with serving(tmp_path, Path(os.devnull)) as server:
        about = {"url": "", "pid": pid or server}
        (tmp_path / "server.json").write_text(json.dumps(about))
        assert server_beside(tmp_path, None) == (None if pid else server)


def test_another_process_with_the_number_of_a_server_that_was_killed_is_none(
    old: Settings,
) -> None:
    (old.library / "server.json").write_text(json.dumps({"url": "", "pid": os.getppid()}))
    Store.open(old).close()
    assert version_of(old.library) == schema.VERSION


def test_a_damaged_catalogue_is_not_brought_along(old: Settings) -> None:
    catalogue = old.library / "catalog.db"
    data = bytearray(catalogue.read_bytes())
    data[5 * 16384 : 6 * 16384] = bytes(16384)
    catalogue.write_bytes(data)
    with pytest.raises(LibraryDamagedError, match="doctor --repair"):
        Store.open(old)
    assert catalogue.read_bytes() == bytes(data)
    assert backups(old.library) == []


def test_a_schema_that_nobody_knows_is_refused(old: Settings) -> None:
    with closing(sqlite3.connect(old.library / "catalog.db")) as connection:
        connection.execute("UPDATE library SET version = 0")
        connection.commit()
    for opened in (Store.open, Store.create):
        with pytest.raises(LibraryVersionError, match="older"):
            opened(old).close()


def test_a_program_whose_library_was_brought_further_says_so(settings: Settings) -> None:
    with Store.create(settings) as store:
        (id_,) = add(store, "a")
        with closing(sqlite3.connect(settings.library / "catalog.db")) as connection:
            connection.execute("UPDATE library SET version = version + 1")
            connection.execute("ALTER TABLE image RENAME COLUMN width TO wide")
            connection.commit()
        with pytest.raises(LibraryVersionError, match="newer"):
            store.images.get([id_])
        with pytest.raises(LibraryVersionError, match="newer"):
            add(store, "b")
