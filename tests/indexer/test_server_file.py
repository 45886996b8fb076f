"""Finding a running server: the one of this library, and no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from indexer.server_file import announced, ask, server_of
from search.errors import PomonaError


class Ready(BaseHTTPRequestHandler):
    """Ready for everything, and no help with any question."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        self.send_response(500)
        self.end_headers()
        self.wfile.write(b"plain words")

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_server_is_found_while_it_runs(tmp_path: Path, url: str) -> None:
    assert server_of(tmp_path) is None
    with announced(tmp_path, url):
        assert (tmp_path / "server.json").stat().st_mode & 0o777 == 0o600
        assert server_of(tmp_path) == url
    assert server_of(tmp_path) is None


def test_a_killed_server_is_not_taken_for_the_one_that_has_its_port_now(
    tmp_path: Path, url: str
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for pid, found in ((dead.pid, None), (os.getpid(), url)):
        (tmp_path / "server.json").write_text(json.dumps({"url": url, "pid": pid}))
        assert server_of(tmp_path) == found


def test_a_server_that_fails_is_an_error_in_words(url: str) -> None:
    with pytest.raises(PomonaError, match="500"):
        ask(url, {})
    with pytest.raises(PomonaError, match="no answer"):
        ask("http://127.0.0.1:1", {})
