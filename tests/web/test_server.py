from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVE = """
import sys
from pathlib import Path
from search.settings import Settings
from tests.web.library import WatchedEngine
from web import create_app
from web.server import serve_forever
library = Path(sys.argv[1])
app = create_app(Settings(library=library), WatchedEngine(library))
serve_forever(app, sys.argv[2], int(sys.argv[3]), lambda url: print(url, flush=True))
print("stopped", flush=True)
"""


def command(script: str, library: Path, port: str = "0") -> list[str]:
    return [sys.executable, "-c", script, str(library), "127.0.0.1", port]


@pytest.fixture
def server(library: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command(SERVE, library), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()


def url_of(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    return server.stdout.readline().strip()


def test_any_free_port_is_told_when_it_is_ready(server: subprocess.Popen[str]) -> None:
    with urllib.request.urlopen(url_of(server) + "/healthz") as answer:
        assert answer.read() == b'{"status":"ok"}'


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_cleanly(server: subprocess.Popen[str], name: str) -> None:
    url_of(server)
    os.kill(server.pid, getattr(signal, name))
    out, _ = server.communicate(timeout=10)
    assert (out.strip(), server.returncode) == ("stopped", 0)


def test_a_body_that_is_too_large_gets_our_answer(server: subprocess.Popen[str]) -> None:
    port = int(url_of(server).rsplit(":", 1)[1])
    body = b" " * (21 * 1024 * 1024)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        head = (
            "POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(head.encode() + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"payload_too_large" in answer


def test_a_port_in_use_is_an_error(server: subprocess.Popen[str], library: Path) -> None:
    port = url_of(server).rsplit(":", 1)[1]
    second = subprocess.run(
        command(SERVE, library, port),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode != 0
    assert "in use" in second.stderr


def test_a_slow_client_does_not_keep_others_waiting(server: subprocess.Popen[str]) -> None:
    url = url_of(server)
    port = int(url.rsplit(":", 1)[1])
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    for connection in slow:
        connection.sendall(
            b"POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
        )
    began = time.monotonic()
    with urllib.request.urlopen(url + "/api/v1/search?q=red", timeout=5) as answer:
        assert answer.status == 200
    assert time.monotonic() - began < 2
    for connection in slow:
        connection.close()


SLOW = SERVE.replace(
    "app = create_app(",
    """
import time
class SlowEngine(WatchedEngine):
    def search(self, query):
        time.sleep(0.3)
        return super().search(query)
WatchedEngine = SlowEngine
app = create_app(""",
)


def test_a_crowd_is_answered_or_turned_away_never_left_waiting(library: Path) -> None:
    process = subprocess.Popen(command(SLOW, library), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        url = url_of(process) + "/api/v1/search?q=red"
        with ThreadPoolExecutor(120) as crowd:
            statuses = list(crowd.map(lambda _: status_of(url), range(120)))
        assert set(statuses) == {200, 503}
        assert statuses.count(200) >= 64
        assert status_of(url) == 200
    finally:
        process.kill()
        process.wait()


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
