"""`indexer serve` while its decoders hang: others are answered, uploads get a quick no."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.pictures import encoded, noise
from tests.processes import children, end
from web.limits import MAX_DECODING, THREADS

pytestmark = pytest.mark.torch

BOUNDARY = "b" * 20
PATIENT = {"POMONA_WORKERS": "1", "POMONA_QUERY_DECODE_SECONDS": "120"}


class Server:
    """An empty library, served with one decoder that may take two minutes."""

    def __init__(self, library: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "indexer", "serve", "--port", "0", "--json"],
            env={**os.environ, **PATIENT, "POMONA_LIBRARY": str(library)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"]
        deadline = time.monotonic() + 120
        while self.get("/readyz")[0] != 200:
            assert time.monotonic() < deadline, "it never becomes ready"
            time.sleep(0.2)

    def get(self, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Status, and headers; with `body` it is a form that is posted."""
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        asked = urllib.request.Request(self.url + path, body, kind if body else {})
        try:
            with urllib.request.urlopen(asked, timeout=300) as answer:
                return answer.status, answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.headers

    def describe(self, seed: int) -> tuple[int, Any]:
        part = 'Content-Disposition: form-data; name="image"; filename="a.png"'
        picture = encoded(noise(seed))
        body = f"--{BOUNDARY}\r\n{part}\r\n\r\n".encode() + picture
        return self.get("/api/v1/describe", body + f"\r\n--{BOUNDARY}--\r\n".encode())

    def decoders(self) -> list[int]:
        return children(self.process.pid, "indexer.worker")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("served") / "library")
    assert server.describe(0)[0] == 200
    yield server
    server.process.kill()
    server.process.wait()


def test_while_uploads_hang_health_and_words_are_answered(server: Server) -> None:
    (decoder,) = server.decoders()
    os.kill(decoder, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(THREADS) as clients:
            uploads = [clients.submit(server.describe, seed) for seed in range(THREADS)]
            refused = first_answers(uploads, THREADS - MAX_DECODING)
            for status, headers in refused:
                assert status == 503
                assert int(headers["Retry-After"]) > 0
            for path in ("/healthz", "/readyz", "/api/v1/search?q=red", "/?q=red", "/status"):
                assert server.get(path)[0] == 200
            assert sum(upload.done() for upload in uploads) == len(refused)
            os.kill(decoder, signal.SIGCONT)
            statuses = sorted(upload.result()[0] for upload in uploads)
    finally:
        os.kill(decoder, signal.SIGCONT)
    assert statuses == [200] * MAX_DECODING + [503] * (THREADS - MAX_DECODING)


def test_a_decoder_that_was_killed_is_started_again(server: Server) -> None:
    for seed in range(3):
        end(server.decoders())
        assert server.describe(seed)[0] == 200


def first_answers(uploads: list[Future[tuple[int, Any]]], count: int) -> list[tuple[int, Any]]:
    deadline = time.monotonic() + 100
    while len(done := [upload for upload in uploads if upload.done()]) < count:
        assert time.monotonic() < deadline, "nobody is turned away"
        time.sleep(0.05)
    return [upload.result() for upload in done]
