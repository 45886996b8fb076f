"""The store on PostgreSQL: what SQLite does, and what is particular to a server."""

from __future__ import annotations

import logging
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from search.columns import Columns
from search.errors import (
    DatabaseUnavailableError,
    DiskError,
    LibraryDamagedError,
    LibraryError,
    LibraryLockedError,
    LibraryReadOnlyError,
    LibraryReplacedError,
    NoLibraryError,
    NoSpaceError,
    SettingsError,
)
from search.filters import Filters
from search.schema import image, location
from search.settings import Settings
from search.store import Store, run_alone
from search.store.database import Database
from tests.cluster import Cluster
from tests.contracts.filters import Answer, FilterContract
from tests.contracts.store import StoreContract, add


@pytest.mark.usefixtures("on_postgres")
class TestPostgres(StoreContract):
    pass


@pytest.mark.usefixtures("on_postgres")
class TestFilters(FilterContract):
    """In SQL and as bitmaps, which read the same."""

    @pytest.fixture
    def answer(self, store: Store) -> Answer:
        columns = Columns(store)

        def both(filters: Filters) -> list[int]:
            found = store.images.allowed_ids(filters).tolist()
            assert columns.ids(filters).tolist() == found
            return found

        return both


@pytest.fixture
def settings(on_postgres: str, tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library")


@pytest.fixture
def database(store: Store, settings: Settings) -> Iterator[Database]:
    database = Database.open(settings)
    yield database
    database.close()


def in_two_processes(rounds: int, work: Callable[..., None], *arguments: Any) -> list[str]:
    """What went wrong in them, when both came to each round at the same time."""
    context = multiprocessing.get_context("spawn")
    barrier, said = context.Barrier(2), context.Queue()
    both = [
        context.Process(target=_reporting, args=(rounds, work, barrier, said, *arguments))
        for _ in range(2)
    ]
    for process in both:
        process.start()
    found = [error for _ in both for error in said.get(timeout=60)]
    for process in both:
        process.join()
    return found


def _reporting(
    rounds: int, work: Callable[..., None], barrier: Any, said: Any, *arguments: Any
) -> None:
    errors = []
    for number in range(rounds):
        barrier.wait(30)
        try:
            work(number, *arguments)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
    said.put(errors)


def _ensure_root(number: int, settings: Settings) -> None:
    with Store.open(settings) as store:
        store.roots.ensure(f"collection{number}", f"/photos/{number}".encode(), 1)


def _create(number: int, folder: Path, urls: list[str]) -> None:
    with Store.create(Settings(library=folder / str(number), database_url=urls[number])) as store:
        assert store.revision() == 0


def test_two_processes_make_the_same_root_once(store: Store, settings: Settings) -> None:
    assert in_two_processes(20, _ensure_root, settings) == []
    assert sorted(root.path for root in store.roots.all()) == sorted(
        f"/photos/{number}".encode() for number in range(20)
    )


def test_two_processes_make_the_same_library_once(cluster: Cluster, tmp_path: Path) -> None:
    urls = [cluster.new() for _ in range(8)]
    assert in_two_processes(len(urls), _create, tmp_path, urls) == []
    for url in urls:
        with Store.open(Settings(library=tmp_path, database_url=url)) as store:
            assert store.stats().images == 0


def test_one_reading_is_one_state_although_another_removes_meanwhile(
    store: Store, database: Database
) -> None:
    (id_,) = add(store, "a")
    with database.reading() as connection:
        there = select(func.count()).select_from(image)
        assert connection.scalar(there) == 1
        assert store.images.remove([id_]) == 1
        places = select(func.count()).select_from(location).where(location.c.image_id == id_)
        assert connection.scalar(places) == 1
        assert connection.scalar(there) == 1
    assert store.images.get([id_]) == {}


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(LibraryReadOnlyError), database.reading() as connection:
        connection.execute(text("DELETE FROM image"))


def test_a_server_that_was_restarted_is_spoken_to_again(store: Store, cluster: Cluster) -> None:
    (id_,) = add(store, "a")
    cluster.restart()
    assert list(store.images.get([id_])) == [id_]
    cluster.restart()
    assert len(add(store, "b")) == 1


def test_a_server_that_stops_in_the_middle_costs_that_transaction_alone(
    store: Store, settings: Settings, cluster: Cluster
) -> None:
    add(store, "a")
    database = Database.open(settings)

    def remove_all() -> None:
        with database.writing() as connection:
            connection.execute(text("DELETE FROM location"))
            cluster.restart()
            connection.execute(text("DELETE FROM image"))

    with pytest.raises(DatabaseUnavailableError, match="try again"):
        remove_all()
    database.close()
    assert (store.stats().images, store.stats().locations) == (1, 1)


def test_a_server_that_is_away_is_one_sentence_and_comes_back(
    store: Store, settings: Settings, cluster: Cluster
) -> None:
    cluster.stop()
    try:
        for attempt in (store.stats, lambda: Store.open(settings), lambda: Store.create(settings)):
            with pytest.raises(DatabaseUnavailableError, match="Is PostgreSQL running") as caught:
                attempt()
            assert "\n" not in str(caught.value)
    finally:
        cluster.start()
    assert store.stats().images == 0


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("53100", NoSpaceError),
        ("55P03", LibraryLockedError),
        ("40P01", LibraryLockedError),
        ("40001", LibraryLockedError),
        ("25006", LibraryReadOnlyError),
        ("42501", LibraryReadOnlyError),
        ("58030", DiskError),
        ("XX001", LibraryDamagedError),
        ("08006", DatabaseUnavailableError),
        ("57P03", DatabaseUnavailableError),
        ("42P01", NoLibraryError),
        ("22012", LibraryError),
    ],
)
def test_what_the_server_reports_is_told_by_its_state(
    database: Database, state: str, kind: type[LibraryError]
) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'oh' USING ERRCODE = '{state}'; END $$"
    with pytest.raises(LibraryError, match="oh") as caught, database.reading() as connection:
        connection.execute(text(raising))
    assert type(caught.value) is kind


def test_a_database_without_a_library_says_so_and_is_not_written_to(
    settings: Settings, cluster: Cluster
) -> None:
    with pytest.raises(NoLibraryError, match="indexer add"):
        Store.open(settings)
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    assert cluster.ask(tables, settings.database_url) == []


def test_a_database_that_cannot_hold_every_text_is_refused(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.ask("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII'")
    with pytest.raises(LibraryError, match="createdb -E UTF8"):
        Store.create(Settings(library=tmp_path, database_url=cluster.url("ascii")))


def test_a_copy_that_was_brought_back_is_another_library(
    store: Store, settings: Settings, cluster: Cluster
) -> None:
    add(store, "a")
    cluster.ask("CREATE TABLE copy AS SELECT * FROM library", settings.database_url)
    add(store, "b")
    assert store.revision() == 2
    cluster.ask(
        "BEGIN; TRUNCATE library; INSERT INTO library SELECT * FROM copy; COMMIT",
        settings.database_url,
    )
    with pytest.raises(LibraryReplacedError):
        store.revision()
    with Store.open(settings) as again:
        assert again.revision() == 1


def test_two_schemas_of_one_database_are_two_libraries(cluster: Cluster, tmp_path: Path) -> None:
    here, there = (
        Settings(library=tmp_path / name, database_url=cluster.new()) for name in ("here", "there")
    )
    with run_alone(here, "add"), run_alone(there, "add"), Store.create(here) as store:
        add(store, "a")
        with Store.create(there) as other:
            assert other.stats().images == 0


# runs


def test_a_second_run_is_told_at_once_who_is_at_it(settings: Settings) -> None:
    with run_alone(settings, "add"):
        begun = time.monotonic()
        with (
            pytest.raises(LibraryLockedError, match=r"in use: indexer add \(process \d+ on ") as no,
            run_alone(settings, "sync"),
        ):
            pass
        assert time.monotonic() - begun < 1
        assert no.value.holder.startswith("indexer add")
    with run_alone(settings, "sync"):
        pass


def test_a_run_that_waits_has_its_turn(settings: Settings) -> None:
    def wait() -> float:
        with run_alone(settings, "sync", wait=True):
            return time.monotonic()

    with ThreadPoolExecutor() as threads:
        with run_alone(settings, "add"):
            waiting = threads.submit(wait)
            time.sleep(0.7)
            ended = time.monotonic()
        assert waiting.result() > ended


def test_a_run_goes_on_after_a_restart_unless_another_has_begun(
    settings: Settings, cluster: Cluster
) -> None:
    with Store.for_run(settings, "add", create=True) as store:
        cluster.restart()
        add(store, "a")  # and has its lock again
        with pytest.raises(LibraryLockedError), run_alone(settings, "sync"):
            pass
        cluster.restart()
        with run_alone(settings, "sync"):
            for name in ("b", "c"):
                with pytest.raises(LibraryLockedError, match="indexer sync"):
                    add(store, name)


# addresses


SECRET = "s3cr3t"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}@127.0.0.1:1/library",
        f"postgresql://me:{SECRET}@nowhere.invalid/library",
        f"postgresql://me:a@{SECRET}@127.0.0.1/library",  # an "@" that is not %40
        f"postgresql://me:x@127.0.0.1:{SECRET}/library",
        f"mysql://me:{SECRET}@127.0.0.1/library",
        f"{SECRET}",
    ],
)
def test_no_message_repeats_the_password(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings(library=tmp_path, database_url=url)
    with pytest.raises((DatabaseUnavailableError, SettingsError)) as caught:
        Store.open(settings)
    assert SECRET not in str(caught.value) + repr(settings) + caplog.text


def test_a_missing_driver_is_named_with_the_remedy(tmp_path: Path) -> None:
    asks = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from indexer.cli import main\n"
        f"sys.argv = ['indexer', 'status', '--library', {str(tmp_path)!r}]\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", asks],
        env={"POMONA_DATABASE_URL": "postgresql://me@127.0.0.1/library", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == SettingsError.exit_code
    assert "pip install 'pomona[postgres]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
