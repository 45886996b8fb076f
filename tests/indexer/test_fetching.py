"""Weights that have to be fetched first: what is said before, meanwhile, and without a network.

A server of our own stands in for the hub; the command runs in a process of its own, for the hub's
client reads its address at import.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

pytestmark = pytest.mark.torch

MEGABYTES = 24
FILE = "/laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K/resolve/main/open_clip_model.safetensors"


class Hub(ThreadingHTTPServer):
    """Has one file, whose content is no weights; hands it out once `go` is set."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []
        self.go = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.server.asked.append(f"HEAD {self.path}")
        self._head()

    def do_GET(self) -> None:
        self.server.asked.append(f"GET {self.path}")
        if self.server.go.wait(timeout=120):
            self._head()
            for _ in range(MEGABYTES):
                self.wfile.write(bytes(1_000_000))

    def _head(self) -> None:
        self.send_response(200 if self.path == FILE else 404)
        self.send_header("X-Repo-Commit", "c" * 40)
        self.send_header("ETag", f'"{"e" * 64}"')
        self.send_header("Content-Length", str(MEGABYTES * 1_000_000 if self.path == FILE else 0))
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.go.set()
        server.shutdown()
        thread.join()


def begin(home: Path, endpoint: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "POMONA_LIBRARY": str(home / "library"),
        "HF_HOME": str(home / "hub"),
        "HF_ENDPOINT": endpoint,
    }
    environment.pop("HF_HUB_OFFLINE", None)
    return subprocess.Popen(
        [sys.executable, "-m", "indexer", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_size_source_and_licence_are_said_before_the_first_byte_and_nothing_is_fetched_twice(
    hub: Hub, tmp_path: Path
) -> None:
    running = begin(tmp_path, hub.url, "models", "pull", "fast", "--json")
    assert running.stderr
    said = running.stderr.readline()  # the hub waits until it was read
    hub.go.set()
    out, err = running.communicate(timeout=300)
    for word in ("fast", f"{MEGABYTES} MB", hub.url, "Licence: MIT"):
        assert word in said
    told = [json.loads(line) for line in out.splitlines()]
    steps = [line for line in told if line.get("stage") == "download"]
    assert (steps[-1]["done"], steps[-1]["total"]) == (MEGABYTES, MEGABYTES)
    assert running.returncode == 12  # it was no model
    assert "not readable as fast" in err
    assert f"GET {FILE}" in hub.asked
    hub.asked.clear()
    again = begin(tmp_path, hub.url, "models", "pull", "fast")
    _, err = again.communicate(timeout=300)
    assert hub.asked == []
    assert "Licence" not in err


def test_without_a_network_the_command_ends_at_once_and_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"http://127.0.0.1:{server.getsockname()[1]}"
    running = begin(tmp_path, closed, "models", "pull", "fast")
    _, err = running.communicate(timeout=300)
    assert running.returncode == 12
    for word in ("605 MB", "MIT", closed, "HF_HOME", "openclip:/path/to/folder", "`embedded`"):
        assert word in err
    assert err.count("\n") == 1  # and nothing of the client's own


def test_a_hub_that_never_answers_is_given_up(tmp_path: Path) -> None:
    from search.towers.hub import within

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        within(0.2, lambda: time.sleep(60))
    assert time.monotonic() - began < 30
    with pytest.raises(KeyError):
        within(60, lambda: {}["nothing"])
    assert within(60, lambda: 7) == 7


@pytest.mark.parametrize("name", ["balanced", "openclip:ViT-B-16-SigLIP/webli"])
def test_what_a_tokenizer_needs_is_asked_for_before_anything_is_fetched(
    hub: Hub, tmp_path: Path, name: str
) -> None:
    if find_spec("transformers"):
        pytest.skip("transformers is installed")
    running = begin(tmp_path, hub.url, "models", "pull", name)
    _, err = running.communicate(timeout=300)
    assert running.returncode == 12
    assert "pip install" in err
    assert "[hub]" in err
    assert hub.asked == []
