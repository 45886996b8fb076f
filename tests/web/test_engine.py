from __future__ import annotations

import threading
from pathlib import Path

import pytest

from search.errors import ModelUnavailableError, NoLibraryError
from search.settings import Settings
from tests.web.fakes import fruit_engine
from web import create_app
from web.engine import Engine, LoadingError, Opening
from web.front import front_of


def test_while_the_model_loads_every_answer_says_so(tmp_path: Path) -> None:
    may_open = threading.Event()

    def slowly() -> Engine:
        may_open.wait(10)
        return fruit_engine()

    app = create_app(Settings(library=tmp_path), fruit_engine())
    front_of(app).opening = opening = Opening(slowly)
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
    for _ in range(100):
        if client.get("/readyz").status_code == 200:
            break
        threading.Event().wait(0.02)
    assert client.get("/api/v1/search?q=red").status_code == 200


def test_a_library_that_appears_later_is_opened_then() -> None:
    tries = iter([NoLibraryError("there is no library"), fruit_engine()])

    def attempt() -> Engine:
        made = next(tries)
        if isinstance(made, Exception):
            raise made
        return made

    opening = Opening(attempt, retry_seconds=0.01)
    opening._run()
    assert opening.engine().stats().images == 4


def test_a_model_that_is_missing_stays_missing() -> None:
    def never() -> Engine:
        raise ModelUnavailableError("the weights are not there")

    opening = Opening(never)
    with pytest.raises(LoadingError):
        opening.engine()
    opening._run()
    with pytest.raises(ModelUnavailableError, match="not there"):
        opening.engine()


def test_no_library_tells_how_to_make_one(tmp_path: Path) -> None:
    app = create_app(Settings(library=tmp_path), fruit_engine())
    front_of(app).opening = opening = Opening(fruit_engine)
    opening._error = NoLibraryError("there is no library in /x")
    client = app.test_client()
    assert client.get("/api/v1/stats").json["code"] == "no_library"
    assert b"indexer add ./photos" in client.get("/").data


def test_asking_again_and_again_leaves_nothing_behind() -> None:
    opening = Opening(fruit_engine)
    for _ in range(5):
        with pytest.raises(LoadingError) as caught:
            opening.engine()
    assert len(caught.traceback) <= 2
