"""The store on SQLite: what is particular to a file in a folder, and damage to it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from search.errors import (
    LibraryDamagedError,
    LibraryVersionError,
    NoLibraryError,
)
from search.filters import ID
from search.records import Space
from search.settings import Settings
from search.store import Store
from tests.contracts.store import ENCODER, StoreContract, add

PICTURES = "(SELECT id FROM part WHERE kind = 'picture')"


class TestSqlite(StoreContract):
    pass


class TestSqliteByUrl(StoreContract):
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
        return Settings(library=tmp_path / "library", database_url=url)


def test_opening_a_folder_without_a_library_says_so(settings: Settings) -> None:
    with pytest.raises(NoLibraryError, match="indexer add"):
        Store.open(settings)


def test_a_library_of_a_newer_version_is_refused(settings: Settings) -> None:
    Store.create(settings).close()
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("UPDATE library SET version = 99")
    with pytest.raises(LibraryVersionError, match="newer"):
        Store.open(settings)


def test_a_file_that_is_no_database_is_called_damaged(settings: Settings) -> None:
    settings.library.mkdir()
    (settings.library / "catalog.db").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(LibraryDamagedError, match="doctor"):
        Store.open(settings)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (
            "UPDATE embedding SET vector = zeroblob(16) WHERE part_id IN {PICTURES}",
            "vector_damaged",
        ),
        ("UPDATE image SET width = 41", "image_damaged"),
        ("UPDATE attribute SET text = 'Camera b' WHERE name = 'camera'", "attribute_damaged"),
        ("UPDATE part SET text = 'a lie' WHERE kind = 'caption'", "caption_damaged"),
        ("UPDATE part SET text = 'a lie' WHERE kind = 'picture'", "part_damaged"),
        ("UPDATE part SET kind = 'capture' WHERE kind = 'caption'", "part_damaged"),
        ("DELETE FROM embedding WHERE part_id IN {PICTURES}", "vector_missing"),
        ("DELETE FROM location", "location_missing"),
        ("DELETE FROM document", "words_missing"),
        ("UPDATE document SET words = zeroblob(7)", "words_damaged"),
        ("UPDATE word SET text = 'pear' WHERE text = 'a'", "words_damaged"),
    ],
)
def test_damage_is_found_and_repair_leaves_a_sound_library(
    store: Store, settings: Settings, damage: str, code: str
) -> None:
    store.encoders.bind(ENCODER, None)
    add(store, "a")
    assert list(store.integrity.problems(deep=True)) == []
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute(damage.format(PICTURES=PICTURES))
    found = list(store.integrity.problems(deep=True))
    assert [problem.code for problem in found] == [code]
    for _ in range(2):  # a picture that has lost its part has no vector: that shows then
        store.integrity.repair(list(store.integrity.problems(deep=True)))
    assert list(store.integrity.problems(deep=True)) == []


def test_a_flipped_bit_in_a_vector_is_refused_by_every_follower(
    store: Store, settings: Settings
) -> None:
    add(store, "a")
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("UPDATE embedding SET vector = zeroblob(16)")
    with pytest.raises(LibraryDamagedError, match="checksum"):
        store.vectors.changes(ENCODER, Space.IMAGE, 0)


def test_followers_find_what_is_new_without_reading_what_is_not(
    store: Store, settings: Settings
) -> None:
    add(store, "a")
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        store.values.changes(ID, 1)
        store.vectors.changes(ENCODER, Space.IMAGE, 1)
        store.encoders.coming(1)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    plans = []
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        for statement, values in asked:
            steps = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans += [step for *_, step in steps if "embedding" in step]
    assert len(plans) >= 3
    assert all("embedding_by_revision" in plan and "revision>" in plan for plan in plans), plans
