"""A library that a program of schema 1 has made is brought along, and answers as it did.

Where the ranking itself has changed since (marks count as one, words meet a threshold of their own,
what is written counts), its answers were written again; no cosine of any has changed.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from indexer.cli import cli
from search.settings import Settings
from tests.golden.library import GOLDEN, engine_over, unpacked
from web import create_app

ANSWERS: dict[str, Any] = json.loads((GOLDEN / "v1" / "answers.json").read_text("utf-8"))
LATER = ("scan", "removed_path")  # tables that the first libraries of schema 1 did not have
CLOSE = 1e-4


@pytest.fixture(scope="module", params=[(), LATER], ids=["last", "first"])
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the last program of schema 1 has left it, and as the first one would have."""
    library = unpacked("v1", tmp_path_factory.mktemp("golden"))
    with closing(sqlite3.connect(library / "catalog.db")) as connection:
        for table in request.param:
            connection.execute(f"DROP TABLE {table}")
        connection.commit()
    return library


@pytest.fixture(scope="module")
def client(library: Path) -> Iterator[FlaskClient]:
    with closing(engine_over(library, ANSWERS)) as engine:
        yield create_app(Settings(library=library), engine).test_client()


def name_of(asked: dict[str, Any]) -> str:
    return json.dumps(asked["body"], ensure_ascii=False) + asked.get("picture", "")


@pytest.mark.parametrize("asked", ANSWERS["searches"], ids=name_of)
def test_a_search_finds_what_it_found(client: FlaskClient, asked: dict[str, Any]) -> None:
    given: dict[str, Any] = {"json": asked["body"]}
    if name := asked.get("picture"):
        data = base64.b64decode(ANSWERS["pictures"][name])
        parts = {"request": json.dumps(asked["body"]), "image": (BytesIO(data), "picture.jpg")}
        given = {"data": parts}
    found = client.post("/api/v1/search", **given).json
    wanted = asked["answer"]
    assert [hit["id"] for hit in found["hits"]] == [hit["id"] for hit in wanted["hits"]]
    assert found["total"] == wanted["total"]
    assert found["next_offset"] == wanted["next_offset"]
    for hit, old in zip(found["hits"], wanted["hits"], strict=True):
        assert hit["score"] == pytest.approx(old["score"], abs=CLOSE)
        assert [hit["scores"][space] for space in old["scores"]] == [
            pytest.approx(cosine, abs=CLOSE) for cosine in old["scores"].values()
        ]
        assert (hit["relevance"], hit["matched_by"]) == (old["relevance"], old["matched_by"])


@pytest.mark.parametrize("asked", ANSWERS["addresses"], ids=lambda asked: asked["address"])
def test_a_page_of_the_api_says_what_it_said(client: FlaskClient, asked: dict[str, Any]) -> None:
    said = client.get(asked["address"]).json
    for name, value in asked["answer"].items():
        assert said[name] == value, name


def test_an_export_writes_what_it_wrote(library: Path) -> None:
    ran = CliRunner().invoke(cli, ["--library", str(library), "export"])
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    for line, old in zip(lines, ANSWERS["export"], strict=True):
        assert {name: line[name] for name in old} == old
