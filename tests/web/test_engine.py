from __future__ import annotations

import threading
import time
import weakref
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask

from search.engine import SearchEngine
from search.errors import LibraryReplacedError, ModelUnavailableError, NoLibraryError
from tests.web.library import WatchedEngine
from web.app_state import state_of
from web.engine import LoadingError, Opening


def opened(
    opening: Opening, waits_for: tuple[type[Exception], ...] = (LoadingError,)
) -> SearchEngine:
    """What comes of it: the engine, or the error that it ended with."""
    until = time.monotonic() + 10
    while True:
        try:
            return opening.engine()
        except waits_for:
            assert time.monotonic() < until, "neither an engine nor an error"
            time.sleep(0.01)


def test_while_the_model_loads_every_answer_says_so(app: Flask, engine: WatchedEngine) -> None:
    may_open = threading.Event()

    def slowly() -> SearchEngine:
        may_open.wait(10)
        return engine

    state_of(app).opening = opening = Opening(slowly)
    opening.start()
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    for path in ("/readyz", "/api/v1/search?q=red", "/api/v1/stats", "/api/v1/images/1/thumb"):
        answer = client.get(path)
        assert (answer.status_code, answer.json["code"]) == (503, "model_loading"), path
        assert answer.headers["Retry-After"] == "2"
    page = client.get("/")
    assert page.status_code == 503
    assert b'http-equiv="refresh"' in page.data
    may_open.set()
    opened(opening)
    assert client.get("/readyz").status_code == 200
    assert client.get("/api/v1/search?q=red").status_code == 200


def test_a_library_that_appears_later_is_opened_then(engine: WatchedEngine) -> None:
    tries = iter([NoLibraryError("there is no library"), engine])

    def attempt() -> SearchEngine:
        made = next(tries)
        if isinstance(made, Exception):
            raise made
        return made

    opening = Opening(attempt, retry_seconds=0.01)
    opening.start()
    assert opened(opening, waits_for=(LoadingError, NoLibraryError)).stats().images == 4


def test_a_model_that_is_missing_stays_missing() -> None:
    def never() -> SearchEngine:
        raise ModelUnavailableError("the weights are not there")

    opening = Opening(never)
    with pytest.raises(LoadingError):
        opening.engine()
    opening.start()
    with pytest.raises(ModelUnavailableError, match="not there"):
        opened(opening)


def test_no_library_tells_how_to_make_one(tmp_path: Path, app: Flask) -> None:
    state_of(app).opening = opening = Opening(lambda: WatchedEngine(tmp_path), retry_seconds=60)
    opening.start()
    with pytest.raises(NoLibraryError):
        opened(opening)
    client = app.test_client()
    assert client.get("/api/v1/stats").json["code"] == "no_library"
    assert b"indexer add ./photos" in client.get("/").data


def test_asking_again_and_again_leaves_nothing_behind(engine: WatchedEngine) -> None:
    opening = Opening(lambda: engine)
    for _ in range(5):
        with pytest.raises(LoadingError) as caught:
            opening.engine()
    assert len(caught.traceback) <= 2


class Passing:
    """An engine whose library is replaced at the first look; like the real one, it refers to
    itself."""

    def __init__(self) -> None:
        self.itself = self

    def follow(self) -> None:
        raise LibraryReplacedError("the catalogue was replaced")

    def close(self) -> None: ...


def test_a_server_that_has_answered_opens_its_library_until_it_can_and_keeps_no_engine(
    engine: WatchedEngine,
) -> None:
    first = Passing()
    gone = weakref.ref(first)
    made: list[Any] = [first, ModelUnavailableError("its disk is away"), ValueError("odd"), engine]
    del first
    kept: list[bool] = []

    def attempt() -> SearchEngine:
        kept.append(gone() is not None)
        one = made.pop(0)
        if isinstance(one, Exception):
            raise one
        return cast(SearchEngine, one)

    opening = Opening(attempt, retry_seconds=0.01, follow_seconds=0.01)
    opening.start()
    until = time.monotonic() + 10
    while made:
        assert time.monotonic() < until
        time.sleep(0.01)
    answered = opened(opening, (LibraryReplacedError, ModelUnavailableError, ValueError))
    assert answered.stats().images == 4
    assert kept == [True, False, False, False]
    opening.stop()
