"""The ingest with its catalogue on PostgreSQL: its contract, kill -9, a server that restarts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from indexer.interfaces import Embedder, Reader
from indexer.sources import FolderSource
from search.errors import LibraryLockedError
from search.settings import Settings
from search.store import Store, run_alone
from tests.cluster import Cluster
from tests.contracts.ingest import IngestContract
from tests.contracts.source import Make
from tests.embedders import BrightnessEmbedder
from tests.indexer.test_interruption import FILES, begin, clean, finish, photos, state
from tests.indexer.warm import Warm
from tests.readers import InProcessReader

__all__ = ["clean", "photos"]  # fixtures


@pytest.mark.usefixtures("on_postgres")
class TestOnPostgres(IngestContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda root, paths: FolderSource(root)

    @pytest.fixture
    def reader(self) -> Reader:
        return InProcessReader()

    @pytest.fixture
    def embedder(self) -> Embedder:
        return BrightnessEmbedder()


@pytest.mark.usefixtures("on_postgres")
def test_after_kill_9_and_a_restart_of_the_server_all_is_as_a_run_on_sqlite_leaves_it(
    warm: Warm,
    photos: Path,
    clean: tuple[set[Any], float],
    cluster: Cluster,
    tmp_path: Path,
) -> None:
    expected, seconds = clean
    library = tmp_path / "library"
    run = begin(warm, photos, library)
    time.sleep(0.6 * seconds)
    with suppress(ProcessLookupError):
        os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run = begin(warm, photos, library)
    time.sleep(0.6 * seconds)
    cluster.restart()
    run.wait()
    assert finish(warm, photos, library)["found"] == FILES + 1
    assert state(library) == expected
    assert finish(warm, photos, library)["unchanged"] == FILES


HOLDS = """
import sys
from search.settings import read_settings
from search.store import run_alone
with run_alone(read_settings(), "add"):
    print("held", flush=True)
    sys.stdin.read()
"""


def indexer(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "indexer", *arguments], capture_output=True, text=True, check=False
    )


def test_runs_on_two_machines_see_each_other(on_postgres: str, tmp_path: Path) -> None:
    """Each has a folder of its own; the database is what they share."""
    here, there = tmp_path / "here", tmp_path / "there"
    Store.create(Settings(library=here)).close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        env=os.environ | {"POMONA_LIBRARY": str(there)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    second = indexer("sync", "--library", str(here))
    assert second.returncode == LibraryLockedError.exit_code
    assert f"in use: indexer add (process {holder.pid} on " in second.stderr
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with run_alone(Settings(library=here), "sync", wait=True):
        pass


def test_a_server_that_is_away_is_exit_code_1_and_one_sentence(
    on_postgres: str, cluster: Cluster, tmp_path: Path
) -> None:
    cluster.stop()
    try:
        for command in ("status", "sync"):
            told = indexer(command, "--library", str(tmp_path / "library"))
            assert told.returncode == 1
            assert len(told.stderr.splitlines()) == 1
            assert "the database cannot be reached" in told.stderr
    finally:
        cluster.start()
