"""What many tests need: a library in a temporary folder, and commands that start at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.settings import Settings
from search.store import Store
from tests import cluster as clusters
from tests.indexer.warm import Warm

if "PYTEST_XDIST_WORKER" in os.environ:  # a core each: more threads would only wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# The files that take longest begin, so that no core idles at the end.
LONG = {
    *("test_end_to_end.py", "test_openclip.py", "test_steps.py", "test_interruption.py"),
    *("test_postgres.py", "test_repair.py", "test_fetching.py", "test_model_commands.py"),
    *("test_browser_pictures.py", "test_browser_state.py", "test_faults.py", "test_serving.py"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """Runs `indexer` without its seconds of imports."""
    process = Warm()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def cluster() -> Iterator[clusters.Cluster]:
    """A PostgreSQL; see `on_postgres`."""
    with clusters.running() as cluster:
        yield cluster


@pytest.fixture
def on_postgres(cluster: clusters.Cluster, monkeypatch: pytest.MonkeyPatch) -> str:
    """From here on every library of this test, in its processes too, is in this one schema."""
    url = cluster.new()
    monkeypatch.setenv("POMONA_DATABASE_URL", url)
    return url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.create(settings) as store:
        yield store
