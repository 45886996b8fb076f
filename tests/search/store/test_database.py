"""Opening a library where the disk is full, read-only, gone, or somebody else's."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from search.errors import (
    LibraryDamagedError,
    LibraryError,
    LibraryReadOnlyError,
    LibraryVersionError,
    NoLibraryError,
    NoSpaceError,
)
from search.locks import run_lock, write_lock
from search.settings import Settings
from search.store import Store
from search.store.database import Database
from tests.disks import Disk, as_nobody, small_disk
from tests.search.test_store import add


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that every user may look into."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def closed_library(folder: Path, images: int = 3) -> Settings:
    settings = Settings(library=folder / "library")
    with Store.create(settings) as store:
        add(store, *"abcdefgh"[:images])
    return settings


def killed_library(folder: Path) -> Settings:
    """Its log was never written back, and the index of the log is gone."""
    settings = Settings(library=folder / "library")
    whole = closed_library(folder / "whole", 0)
    with Store.open(whole) as store:
        add(store, *"abc")
        shutil.copytree(whole.library, settings.library)
    (settings.library / "catalog.db-shm").unlink()
    assert (settings.library / "catalog.db-wal").stat().st_size > 0
    return settings


def images_in(settings: Settings) -> int:
    with Store.open(settings) as store:
        return store.stats().images


@pytest.mark.parametrize("library", [closed_library, killed_library])
def test_a_library_on_a_full_disk_can_be_read(
    disk: Disk, library: Callable[[Path], Settings]
) -> None:
    settings = library(disk.path)
    disk.fill()
    assert images_in(settings) == 3


@pytest.mark.parametrize("library", [closed_library, killed_library])
def test_a_library_on_a_read_only_disk_can_be_read(
    disk: Disk, library: Callable[[Path], Settings]
) -> None:
    settings = library(disk.path)
    disk.make_read_only()
    assert images_in(settings) == 3


def test_a_library_of_another_user_can_be_read(open_folder: Path) -> None:
    settings = closed_library(open_folder)
    before = sorted(os.listdir(settings.library))
    assert as_nobody(lambda: images_in(settings)) == "3"
    assert sorted(os.listdir(settings.library)) == before


def test_writing_to_a_full_disk_is_no_space_and_goes_on_when_there_is_room(disk: Disk) -> None:
    settings = closed_library(disk.path)
    disk.fill()
    with Store.open(settings) as store:
        with pytest.raises(NoSpaceError, match="No space left"):
            store.roots.ensure("default", b"/more", 1)
        disk.make_room()
        store.roots.ensure("default", b"/more", 1)
    assert images_in(settings) == 3


def test_no_library_can_be_made_on_a_full_disk(disk: Disk) -> None:
    (disk.path / "library").mkdir()
    disk.fill()
    for folder in ("library", "other/" * 20):
        with pytest.raises(NoSpaceError):
            Store.create(Settings(library=disk.path / folder)).close()


def test_what_writes_to_a_read_only_disk_says_so(disk: Disk) -> None:
    settings = closed_library(disk.path)
    disk.make_read_only()
    with Store.open(settings) as store:
        with pytest.raises(LibraryReadOnlyError, match="read-only"):
            store.roots.ensure("default", b"/more", 1)
        with (
            pytest.raises(LibraryReadOnlyError, match="read-only"),
            run_lock(settings.library, "add"),
        ):
            pass
    with pytest.raises(LibraryReadOnlyError, match="read-only"):
        Store.create(Settings(library=disk.path / "new")).close()


def test_what_writes_to_a_library_of_another_user_says_so(open_folder: Path) -> None:
    settings = closed_library(open_folder)

    def write() -> None:
        with Store.open(settings) as store:
            store.roots.ensure("default", b"/more", 1)

    assert as_nobody(write).startswith("LibraryReadOnlyError")


def test_a_reader_waits_for_no_writer(settings: Settings) -> None:
    closed_library(settings.library.parent)
    with write_lock(settings.library), sqlite3.connect(settings.library / "catalog.db") as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM image")
        assert images_in(settings) == 3
        writer.rollback()


def test_reading_changes_no_byte_of_the_catalogue(settings: Settings) -> None:
    killed_library(settings.library.parent)
    files = [settings.library / name for name in ("catalog.db", "catalog.db-wal")]
    before = [file.read_bytes() for file in files]
    assert images_in(settings) == 3
    assert [file.read_bytes() for file in files] == before


def test_the_last_writer_writes_the_log_back_also_after_readers(settings: Settings) -> None:
    closed_library(settings.library.parent)
    images_in(settings)
    with Store.open(settings) as store:
        add(store, *"fgh")
    alone = shutil.copy(settings.library / "catalog.db", settings.library.parent)
    with sqlite3.connect(alone) as copied:
        assert copied.execute("SELECT count(*) FROM image").fetchone() == (6,)


def test_a_file_that_is_read_as_it_lies_is_followed_when_it_changes(disk: Disk) -> None:
    settings = closed_library(disk.path)
    disk.fill()
    with Store.open(settings) as store:
        assert store.stats().images == 3
        disk.make_room()
        with Store.open(settings) as writer:
            add(writer, *"fg")
        assert store.stats().images == 5


def test_a_file_that_changes_while_it_is_read_as_it_lies_is_never_half_believed(
    disk: Disk,
) -> None:
    settings = closed_library(disk.path)
    disk.fill()
    database = Database.open(settings)

    def read_while_it_is_written() -> None:
        with database.reading():
            disk.make_room()
            with Store.open(settings) as writer:
                add(writer, "f")

    with pytest.raises(LibraryError, match="try again"):
        read_while_it_is_written()
    database.close()
    assert images_in(settings) == 4


def test_a_library_that_disappears_is_never_made_by_reading(settings: Settings) -> None:
    closed_library(settings.library.parent)
    away = settings.library.with_name("away")
    with Store.open(settings) as store:
        settings.library.rename(away)
        settings.library.mkdir()  # as a mount point is when its disk is gone
        with pytest.raises(NoLibraryError):
            store.stats()
        with pytest.raises(NoLibraryError):
            store.roots.ensure("default", b"/more", 1)
        assert "catalog.db" not in os.listdir(settings.library)
        shutil.rmtree(settings.library)
        away.rename(settings.library)
        assert store.stats().images == 3


def test_a_catalogue_that_was_replaced_is_not_mixed_with_the_old_one(settings: Settings) -> None:
    closed_library(settings.library.parent)
    with Store.open(settings) as store:
        other = closed_library(settings.library.parent / "other", 1)
        os.replace(other.library / "catalog.db", settings.library / "catalog.db")
        with pytest.raises(NoLibraryError, match="replaced"):
            store.stats()


def test_a_run_that_waited_opens_the_catalogue_that_a_repair_has_put_there(
    settings: Settings,
) -> None:
    closed_library(settings.library.parent)
    other = closed_library(settings.library.parent / "other", 1)

    def images() -> int:
        with Store.for_run(settings, "sync", wait=True) as store:
            return store.stats().images

    with ThreadPoolExecutor() as threads:
        with run_lock(settings.library, "doctor"):
            waiting = threads.submit(images)
            time.sleep(1)  # until it waits; on a busy machine it may come later, and be right too
            os.replace(other.library / "catalog.db", settings.library / "catalog.db")
        assert waiting.result() == 1


@pytest.mark.parametrize("opened", [Store.open, Store.create])
def test_a_library_that_cannot_be_opened_is_let_go(
    settings: Settings, opened: Callable[[Settings], Store]
) -> None:
    Store.create(settings).close()
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("UPDATE library SET version = 99")
    connection.close()
    with pytest.raises(LibraryVersionError):
        opened(settings)
    held = [os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    assert len(held) > 2
    assert not [each for each in held if each.startswith(str(settings.library))]


def test_a_name_with_every_odd_character_is_no_other_file(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "a?mode=rw#b%20c 'd\" é")
    with Store.create(settings) as store:
        add(store, "a")
    assert images_in(settings) == 1
    assert os.listdir(tmp_path) == [settings.library.name]


@pytest.mark.parametrize("gone", [True, False])
def test_a_lost_catalogue_beside_thumbnails_is_not_begun_again_in_silence(
    settings: Settings, gone: bool
) -> None:
    closed_library(settings.library.parent)
    catalogue = settings.library / "catalog.db"
    catalogue.unlink() if gone else catalogue.write_bytes(b"")
    for opened in (Store.open, Store.create):
        with pytest.raises(NoLibraryError, match="thumbs"):
            opened(settings).close()
    shutil.rmtree(settings.library / "thumbs")
    with Store.create(settings) as store:
        assert store.stats().images == 0


def test_a_catalogue_that_is_a_folder_is_called_one(settings: Settings) -> None:
    (settings.library / "catalog.db").mkdir(parents=True)
    for opened in (Store.open, Store.create):
        with pytest.raises(LibraryError, match="is a folder"):
            opened(settings).close()


def test_a_library_that_has_lost_a_table_is_damaged(settings: Settings) -> None:
    closed_library(settings.library.parent)
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("DROP TABLE exclusion")
    for opened in (Store.open, Store.create):
        with pytest.raises(LibraryDamagedError, match="exclusion"):
            opened(settings).close()
