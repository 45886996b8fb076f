"""A server follows its library to another model, and to another catalogue, without a restart."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from waitress.server import create_server

from search.engine import SearchEngine
from search.errors import ModelUnavailableError
from search.images import LocalDecoder
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeEncoder
from tests.two_models import NEW, OLD, embed, engine_over, make_library, model_by, switch
from web import create_app
from web.app_state import state_of
from web.engine import Opening

SEARCHES = 1000
CLIENTS = 6
SWITCHES = 3
WITHIN_SECONDS = 2.0
QUESTIONS = ("red thing", "green", "blue thing number 3", "thing", "黄色")


@dataclass(frozen=True)
class Answered:
    began: float
    question: str
    status: int
    hits: Any


@pytest.fixture
def library(tmp_path: Path) -> Settings:
    settings = Settings(library=tmp_path / "library")
    with Store.create(settings) as store:
        make_library(store)
    return settings


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """The port; real connections, real threads."""
    server = create_server(app, host="127.0.0.1", port=0, threads=CLIENTS)
    running = threading.Thread(target=server.run)
    running.start()
    try:
        yield server.effective_port
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        running.join(10)


def answers_by(settings: Settings, encoder: FakeEncoder) -> dict[str, Any]:
    """What a server that was started with that model answers."""
    store = Store.open(settings)
    engine = SearchEngine(settings, store, model_by(store, encoder), LocalDecoder())
    with closing(engine):
        client = create_app(settings, engine).test_client()
        return {words: client.get(address(words)).json["hits"] for words in QUESTIONS}


def address(words: str) -> str:
    return f"/api/v1/search?q={quote(words)}&relevance=any&limit=12"


def ask(port: int, number: int, out: list[Answered]) -> None:
    words = QUESTIONS[number % len(QUESTIONS)]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with closing(connection):
        began = time.monotonic()
        connection.request("GET", address(words))
        reply = connection.getresponse()
        body = reply.read()
        hits = json.loads(body).get("hits")
        out.append(Answered(began, words, reply.status, hits))


def test_a_thousand_searches_while_the_library_changes_its_model_again_and_again(
    library: Settings,
) -> None:
    """Each is answered, by one of the two models alone, and two seconds after a switch by the new
    one."""
    with Store.create(library) as store:
        embed(store, NEW)
        expected = {encoder.info.name: answers_by(library, encoder) for encoder in (OLD, NEW)}
        assert all(expected["old"][words] != expected["new"][words] for words in QUESTIONS)
        engine, loader = engine_over(library, OLD)
        app = create_app(library, engine)
        state_of(app).opening = opening = Opening(lambda: engine)
        opening.start()
        answered: list[Answered] = []
        switches: list[tuple[float, str]] = []
        with served(app) as port, ThreadPoolExecutor(CLIENTS) as clients:
            asked = 0
            for place in range(SWITCHES):
                encoder = NEW if place % 2 == 0 else OLD
                switch(store, encoder)
                switches.append((time.monotonic(), encoder.info.name))
                until = time.monotonic() + WITHIN_SECONDS + 0.5
                while time.monotonic() < until or asked < SEARCHES * (place + 1) / SWITCHES:
                    some = range(asked, asked + CLIENTS)
                    list(clients.map(lambda n: ask(port, n, answered), some))
                    asked += CLIENTS
        opening.stop()
        engine.close()
    assert len(answered) >= SEARCHES
    assert {one.status for one in answered} == {200}
    for one in answered:
        by = [name for name, answers in expected.items() if answers[one.question] == one.hits]
        assert len(by) == 1, one
        last = [(at, name) for at, name in switches if at < one.began][-1]
        if one.began > last[0] + WITHIN_SECONDS:
            assert by == [last[1]]
    assert loader.loaded == ["new", "old", "new"]


def test_readiness_says_why_the_librarys_model_does_not_answer(library: Settings) -> None:
    engine, loader = engine_over(library, OLD)
    client = create_app(library, engine).test_client()
    assert client.get("/readyz").json == {"status": "ready"}
    loader.error = ModelUnavailableError("its folder is gone")
    with Store.create(library) as store, closing(engine):
        embed(store, NEW)
        switch(store, NEW)
        engine.follow()
        told = client.get("/readyz")
        assert (told.status_code, told.json["status"]) == (200, "ready")
        assert "its folder is gone" in told.json["detail"]
        assert client.get("/api/v1/stats").json["model"] == "old"
        loader.error = None
        switch(store, OLD)
        engine.follow()
        assert client.get("/readyz").json == {"status": "ready"}


def test_a_catalogue_that_takes_the_place_of_another_is_opened(
    library: Settings, tmp_path: Path
) -> None:
    """As `doctor --repair` does it, or a copy that is put back."""
    catalogue = library.library / "catalog.db"
    opening = Opening(lambda: engine_over(library, OLD)[0], 0.05, 0.05)
    app = create_app(library, engine_over(library, OLD)[0])
    state_of(app).opening = opening
    opening.start()
    client = app.test_client()
    wait_for(lambda: client.get("/readyz").status_code == 200)
    before = client.get(address("red")).json["hits"]
    shutil.copy(catalogue, tmp_path / "copy.db")
    with Store.create(library) as store:
        store.images.remove([hit["id"] for hit in before[:3]])
    assert client.get(address("red")).json["hits"][0]["id"] != before[0]["id"]
    for end in ("-wal", "-shm"):
        Path(f"{catalogue}{end}").unlink(missing_ok=True)
    os.replace(tmp_path / "copy.db", catalogue)
    statuses = set()

    def is_back() -> bool:
        reply = client.get(address("red"))
        statuses.add(reply.status_code)
        return reply.status_code == 200

    wait_for(is_back)
    assert client.get(address("red")).json["hits"] == before
    assert statuses <= {200, 503}
    opening.stop()


def wait_for(condition: Any) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
