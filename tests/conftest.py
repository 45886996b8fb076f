"""What many tests need: a library in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.settings import Settings
from search.store import Store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.create(settings) as store:
        yield store
