"""A library of schema 1 on PostgreSQL is brought along, and answers as it did on SQLite."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from search import schema
from search.errors import LibraryLockedError, LibraryVersionError
from search.settings import Settings
from search.store import Store, run_alone
from tests.cluster import Cluster
from tests.golden.library import GOLDEN, engine_over, unpacked_to_server
from web import create_app

ANSWERS: dict[str, Any] = json.loads((GOLDEN / "v1" / "answers.json").read_text("utf-8"))
WITHOUT_PICTURE = [asked for asked in ANSWERS["searches"] if "picture" not in asked]


@pytest.fixture
def old(on_postgres: str, tmp_path: Path) -> Settings:
    return Settings(library=unpacked_to_server("v1", on_postgres, tmp_path))


def test_each_search_finds_what_it_found_on_sqlite(old: Settings) -> None:
    with closing(engine_over(old.library, ANSWERS)) as engine:
        client = create_app(old, engine).test_client()
        for asked in WITHOUT_PICTURE:
            found = client.post("/api/v1/search", json=asked["body"]).json
            assert [(hit["id"], hit["score"]) for hit in found["hits"]] == [
                (hit["id"], pytest.approx(hit["score"], abs=1e-4))
                for hit in asked["answer"]["hits"]
            ]


def test_of_several_that_open_it_at_once_one_brings_it_along(old: Settings) -> None:
    def images() -> int | str:
        try:
            with Store.open(old) as store:
                return store.stats().images
        except LibraryLockedError as error:
            return error.holder

    with ThreadPoolExecutor(4) as threads:
        told = set(threads.map(lambda _: images(), range(4)))
    there = images()
    assert there in told
    assert all("indexer upgrade" in str(other) for other in told - {there})
    with Store.open(old) as store:
        assert list(store.integrity.problems(deep=True)) == []


def test_it_is_left_alone_while_a_run_of_another_machine_writes(old: Settings) -> None:
    elsewhere = old.model_copy(update={"library": old.library.with_name("elsewhere")})
    with (
        run_alone(elsewhere, "add"),
        pytest.raises(LibraryLockedError, match="indexer add"),
    ):
        Store.open(old)
    with Store.for_run(old, "sync") as store:  # the run itself may bring it along
        assert store.stats().images > 0


def test_a_newer_one_is_refused(old: Settings, on_postgres: str, cluster: Cluster) -> None:
    newer = f"UPDATE library SET version = {schema.VERSION + 1}"
    cluster.ask(newer, on_postgres)
    with pytest.raises(LibraryVersionError, match="newer"):
        Store.open(old)
