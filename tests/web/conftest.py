"""An app over the real engine and a small library. A test that writes makes its own library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search.settings import Settings
from tests.web.browsing import browser, market, page, site
from tests.web.library import WatchedEngine, fruit_library
from web import create_app

__all__ = ["browser", "market", "page", "site"]  # fixtures


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three fruits and a car, made once: only to be read."""
    return fruit_library(tmp_path_factory.mktemp("fruit"))


@pytest.fixture
def engine(library: Path) -> Iterator[WatchedEngine]:
    with closing(WatchedEngine(library)) as engine:
        yield engine


@pytest.fixture
def app(library: Path, engine: WatchedEngine) -> Flask:
    return create_app(Settings(library=library), engine)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
