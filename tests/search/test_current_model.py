"""The model is exchanged while it answers, and no answer is of two models."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from search.current_model import CurrentModel
from search.engine import SearchEngine
from search.errors import (
    DatabaseUnavailableError,
    LibraryError,
    LibraryLockedError,
    LibraryReplacedError,
    ModelUnavailableError,
)
from search.follower import IndexFollower
from search.model import Model
from search.query import Query
from search.records import EncoderInfo, Space
from search.requests import terms
from search.settings import Settings
from search.store import Store
from tests.two_models import NEW, OLD, Loader, embed, engine_over, make_library, model_by, switch

RED = Query(terms("red thing"), limit=10, any_relevance=True)


@pytest.fixture(autouse=True)
def _library(store: Store) -> None:
    make_library(store)


@pytest.fixture
def engine_and_loader(settings: Settings, _library: None) -> Iterator[tuple[SearchEngine, Loader]]:
    engine, loader = engine_over(settings, OLD)
    with closing(engine):
        yield engine, loader


@pytest.fixture
def engine(engine_and_loader: tuple[SearchEngine, Loader]) -> SearchEngine:
    return engine_and_loader[0]


@pytest.fixture
def loader(engine_and_loader: tuple[SearchEngine, Loader]) -> Loader:
    return engine_and_loader[1]


def answer(engine: SearchEngine) -> list[tuple[int, float]]:
    return [(hit.image.id, hit.score) for hit in engine.search(RED).hits]


def answer_by(settings: Settings, name: str) -> list[tuple[int, float]]:
    """Of an engine that was started with that model."""
    with closing(engine_over(settings, NEW if name == "new" else OLD)[0]) as fresh:
        return answer(fresh)


def test_the_librarys_new_model_answers_after_the_switch_and_not_before(
    engine: SearchEngine, store: Store, settings: Settings
) -> None:
    by_old = answer(engine)
    embed(store, NEW)
    engine.follow()
    assert answer(engine) == by_old
    switch(store, NEW)
    engine.follow()
    assert answer(engine) == answer_by(settings, "new") != by_old
    assert engine.stats().model == engine.model.info.name == "new"


def test_it_is_loaded_when_its_first_vectors_are_there_and_not_once_more_at_the_switch(
    engine: SearchEngine, loader: Loader, store: Store
) -> None:
    engine.follow()
    assert loader.loaded == []
    embed(store, NEW)
    engine.follow()
    engine.follow()
    assert (loader.loaded, engine.model.info.name) == (["new"], "old")
    switch(store, NEW)
    engine.follow()
    assert (loader.loaded, engine.model.info.name) == (["new"], "new")


def test_a_search_is_enough_to_have_the_model_exchanged(engine: SearchEngine, store: Store) -> None:
    embed(store, NEW)
    switch(store, NEW)
    until = time.monotonic() + 10
    while engine.search(RED) and engine.model.info.name != "new":
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_and_says_why(
    engine: SearchEngine, loader: Loader, store: Store, settings: Settings
) -> None:
    by_old = answer(engine)
    embed(store, NEW)
    loader.error = ModelUnavailableError("its folder is gone")
    engine.follow()
    assert engine.model_problem is None  # nobody asks for it yet
    switch(store, NEW)
    engine.follow()
    assert answer(engine) == by_old
    assert "its folder is gone" in (engine.model_problem or "")
    switch(store, OLD)
    engine.follow()
    assert engine.model_problem is None


def test_the_old_model_answers_from_memory_where_its_vectors_are_forgotten_at_once(
    engine: SearchEngine, loader: Loader, store: Store
) -> None:
    by_old = answer(engine)
    embed(store, NEW)
    switch(store, NEW)
    loader.error = ModelUnavailableError("not yet")
    engine.follow()
    store.encoders.forget("old")
    assert answer(engine) == by_old


def test_vectors_made_again_by_the_same_model_need_no_other(
    engine: SearchEngine, loader: Loader, store: Store
) -> None:
    model, by_old = engine.model, answer(engine)
    embed(store, OLD)  # as `reindex` without --model does
    store.encoders.bind(OLD.info, "fake")
    engine.follow()
    assert answer(engine) == by_old
    assert (engine.model, loader.loaded) == (model, [])


def test_without_a_loader_the_model_stays(store: Store, settings: Settings) -> None:
    from search.images import LocalDecoder

    engine = SearchEngine(settings, store, model_by(store, OLD), LocalDecoder())
    by_old = answer(engine)
    embed(store, NEW)
    switch(store, NEW)
    engine.follow()
    assert answer(engine) == by_old


def test_an_empty_library_takes_the_model_of_its_first_pictures(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = Settings(library=tmp_path_factory.mktemp("empty"))
    with Store.create(settings) as store:
        engine, _ = engine_over(settings, NEW)
        with closing(engine):
            assert answer(engine) == []
            make_library(store)
            engine.follow()
            assert engine.model.info.name == "old"
            assert len(answer(engine)) == 10


def test_a_busy_library_does_not_cost_the_model_that_was_loaded(
    store: Store, settings: Settings
) -> None:
    loader = Loader(store)
    busy = [LibraryLockedError("busy"), DatabaseUnavailableError("away")]

    def load(info: EncoderInfo) -> Model:
        return replace(loader(info), followers={Space.IMAGE: Busy(busy)})

    current = CurrentModel(store, model_by(store, OLD), load)
    embed(store, NEW)
    switch(store, NEW)
    for error in list(busy):
        with pytest.raises(type(error)):
            current.follow()
        assert current.value.info.name == "old"
    current.follow()
    assert (current.value.info.name, loader.loaded, current.problem) == ("new", ["new"], None)


class Busy(IndexFollower):
    """Raises each of some errors once."""

    def __init__(self, errors: list[LibraryError]) -> None:
        self._errors = errors

    @property
    def revision(self) -> int:
        return 0

    def refresh(self, head: int | None = None) -> bool:
        if self._errors:
            raise self._errors.pop(0)
        return True


def test_a_model_whose_vectors_are_forgotten_is_let_go(
    engine: SearchEngine, loader: Loader, store: Store
) -> None:
    embed(store, NEW)
    engine.follow()
    store.encoders.forget("new")
    engine.follow()
    embed(store, NEW)
    engine.follow()
    assert loader.loaded == ["new", "new"]


def test_a_model_that_cannot_be_loaded_is_tried_ever_less_often(store: Store) -> None:
    tried: list[float] = []
    now = 0.0

    def load(_: EncoderInfo) -> Model:
        tried.append(now)
        raise ModelUnavailableError("its folder is gone")

    current = CurrentModel(store, model_by(store, OLD), load, clock=lambda: now)
    switch(store, NEW)
    while now < 1200:
        current.follow()
        now += 5
    assert tried == [0, 10, 30, 70, 150, 310, 610, 910]


def test_an_older_copy_in_the_place_of_the_catalogue_is_another_library(
    engine: SearchEngine, store: Store, settings: Settings
) -> None:
    copy = settings.library / "copy.db"
    with closing(sqlite3.connect(settings.library / "catalog.db")) as now:
        with closing(sqlite3.connect(copy)) as then:
            now.backup(then)
        embed(store, OLD)
        answer(engine)
        with closing(sqlite3.connect(copy)) as then:
            then.backup(now)  # into the same file
    with pytest.raises(LibraryReplacedError):
        engine.search(RED)
    with pytest.raises(LibraryReplacedError):
        engine.follow()
