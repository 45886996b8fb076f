"""What pages advise works for this library; where it lies is not told to programs."""

from __future__ import annotations

import html
import shlex
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search.errors import LibraryDamagedError, LibraryLockedError, NoLibraryError
from search.settings import Settings
from tests.web.library import WatchedEngine, fruit_library, make_library
from web import create_app


def read(client: FlaskClient, path: str) -> str:
    return html.unescape(client.get(path).get_data(as_text=True))


@pytest.mark.parametrize("page", ["/", "/status"])
def test_an_empty_library_is_filled_by_the_command_that_its_page_shows(
    tmp_path: Path, page: str
) -> None:
    (tmp_path / "my pictures").mkdir()
    library = make_library(tmp_path / "my pictures", [])
    with closing(WatchedEngine(library)) as engine:
        shown = read(create_app(Settings(library=library), engine).test_client(), page)
    assert f"indexer add ./photos --library {shlex.quote(str(library))}" in shown


@pytest.mark.parametrize("kind", [LibraryDamagedError, LibraryLockedError, NoLibraryError])
def test_a_problem_does_not_say_where_the_library_lies(
    client: FlaskClient, engine: WatchedEngine, app: Flask, kind: type[Exception]
) -> None:
    place = str(engine.settings.library)
    engine.break_with(kind(f"{place}: something is wrong. Run `indexer doctor --repair`."))
    answer = client.get("/api/v1/stats")
    assert place not in answer.get_data(as_text=True)
    assert answer.json["detail"] == (
        "the library: something is wrong. Run `indexer doctor --repair`."
    )
    assert f"Run `indexer doctor --repair --library {place}`." in read(client, "/")


def test_a_file_that_has_changed_is_said_to_have_and_not_offered(tmp_path: Path) -> None:
    library = fruit_library(tmp_path)
    (tmp_path / "photos" / "fruit" / "apple.jpg").write_text("another file by now")
    with closing(WatchedEngine(library)) as engine:
        client = create_app(Settings(library=library), engine).test_client()
        page = read(client, "/images/1")
        answer = client.get("/api/v1/images/1/original")
    assert "The file of image 1 has changed since it was indexed." in page
    assert "Download original" not in page
    assert (answer.status_code, answer.json["code"]) == (409, "changed")
