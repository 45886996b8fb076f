"""`indexer serve` where the library cannot be written to: it starts if it can read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from search.settings import Settings
from search.store import Store
from tests.disks import Disk, small_disk

pytestmark = pytest.mark.torch


@contextmanager
def served(library: Path) -> Iterator[subprocess.Popen[str]]:
    server = subprocess.Popen(
        [sys.executable, "-m", "indexer", "serve", "--port", "0", "--json"],
        env={**os.environ, "POMONA_LIBRARY": str(library)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield server
    finally:
        server.kill()
        server.wait()


def status(url: str) -> int:
    """Once it is ready, of a search."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/readyz"):
                break
        except urllib.error.HTTPError:
            time.sleep(0.2)
    with urllib.request.urlopen(f"{url}/api/v1/search?q=apple") as answer:
        return int(answer.status)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(Disk.fill, "No space left on device"), (Disk.make_read_only, "Read-only file system")],
)
def test_a_server_starts_where_nothing_can_be_written(
    tmp_path: Path, spoil: Callable[[Disk], None], why: str
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        library = disk.path / "library"
        Store.create(Settings(library=library)).close()
        spoil(disk)
        with served(library) as server:
            assert server.stdout is not None
            assert server.stderr is not None
            first = json.loads(server.stdout.readline())
            assert first["stage"] == "serving", first
            assert status(first["url"]) == 200
            assert not list(library.glob("server.json*"))
            server.terminate()
            _, said = server.communicate(timeout=60)
        assert server.returncode == 0
        assert said.count(why) == 1
