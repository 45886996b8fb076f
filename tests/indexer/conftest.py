"""Running the real command line, as a user would."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from search.settings import Settings
from search.store import Store

from .album import Album
from .warm import Warm


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def summary(self) -> dict[str, Any]:
        last = self.lines[-1]
        assert last["message_type"] == "summary"
        return last


Indexer = Callable[..., Ran]


@pytest.fixture
def indexer(tmp_path: Path, warm: Warm) -> Indexer:
    """`indexer("status", "--json")` on a library in the temporary folder."""

    def run(*arguments: str | bytes, cwd: Path | None = None) -> Ran:
        environment = {**os.environ, "POMONA_LIBRARY": str(tmp_path / "library")}
        return Ran(*warm.run(arguments, cwd or tmp_path, environment))

    return run


@pytest.fixture
def album(store: Store, settings: Settings, tmp_path: Path) -> Album:
    folder = tmp_path / "photos"
    folder.mkdir()
    quick = settings.model_copy(update={"workers": 2, "commit_seconds": 0.5})
    return Album(store, quick, folder)
