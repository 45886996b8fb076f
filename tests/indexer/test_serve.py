"""Where `serve` and `demo` listen: on this machine alone, unless it is said that more is meant."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from search.locks import run_lock

from .conftest import Indexer


@pytest.mark.parametrize("command", ["serve", "demo"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.0.1", "example.com"])
def test_beyond_this_machine_nothing_listens_unless_that_is_meant(
    indexer: Indexer, tmp_path: Path, command: str, host: str
) -> None:
    ran = indexer(command, "--host", host, "--port", "0", "--json")
    assert ran.code == 2
    assert "--insecure-no-auth" in ran.err
    assert ran.summary["ok"] is False
    assert not (tmp_path / "library").exists()


@pytest.mark.torch
def test_whoever_means_it_is_told_who_can_see_the_pictures(tmp_path: Path) -> None:
    serve = [sys.executable, "-m", "indexer", "serve", "--host", "0.0.0.0", "--port", "0"]
    server = subprocess.Popen(
        [*serve, "--insecure-no-auth"],
        env={**os.environ, "POMONA_LIBRARY": str(tmp_path / "library")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert "http://127.0.0.1:" in server.stdout.readline()
    server.send_signal(signal.SIGINT)
    _, said = server.communicate(timeout=60)
    assert "Everyone who can reach 0.0.0.0 sees every picture." in said


@pytest.mark.torch
def test_demo_of_a_folder_fills_ones_own_library(tmp_path: Path) -> None:
    photos = Path(__file__).parents[1] / "hostile" / "files"
    library = tmp_path / "library"
    demo = subprocess.Popen(
        [sys.executable, "-m", "indexer", "demo", "--photos", str(photos), "--port", "0", "--json"],
        env={**os.environ, "POMONA_LIBRARY": str(library)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    said = map(json.loads, demo.stdout)
    counts = next(line for line in said if "added" in line)
    assert counts["added"] > 10
    assert next(line["url"] for line in said if line.get("stage") == "serving")
    assert (library / "catalog.db").is_file()
    demo.send_signal(signal.SIGTERM)
    demo.communicate(timeout=60)


def test_wait_waits_for_the_run_that_holds_the_library(tmp_path: Path) -> None:
    library, photos = tmp_path / "library", tmp_path / "photos"
    photos.mkdir()
    environment = {**os.environ, "POMONA_LIBRARY": str(library)}
    add = [sys.executable, "-m", "indexer", "add", str(photos)]
    subprocess.run(add, env=environment, check=True, capture_output=True)
    with run_lock(library, "sync"):
        refused = subprocess.run(add, env=environment, check=False, capture_output=True, text=True)
        waiting = subprocess.Popen([*add, "--wait"], env=environment)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(3)
    assert refused.returncode == 11
    assert "indexer sync (process" in refused.stderr
    assert waiting.wait(60) == 0
