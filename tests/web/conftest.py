"""An app over the fake engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search.settings import Settings
from tests.web.fakes import FakeEngine, fruit_engine
from web import create_app


@pytest.fixture
def engine() -> FakeEngine:
    return fruit_engine()


@pytest.fixture
def app(tmp_path: Path, engine: FakeEngine) -> Flask:
    return create_app(Settings(library=tmp_path), engine)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
