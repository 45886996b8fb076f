from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search.errors import ImageError, OverloadedError
from search.images import LocalDecoder
from search.records import Crop, DecodedImage, Preprocessing
from tests.pictures import encoded, plain
from web.admission import Admission, LimitedDecoder
from web.app_state import state_of
from web.limits import MAX_DECODING, MAX_REMAKING, MAX_WAITING, THREADS


def test_one_more_than_the_limit_is_turned_away_and_room_comes_back() -> None:
    admission = Admission(limit=2)
    with ExitStack() as inside:
        inside.enter_context(admission.admit())
        inside.enter_context(admission.admit())
        with pytest.raises(OverloadedError), admission.admit():
            pass
    with admission.admit():
        pass


def test_an_error_inside_gives_the_place_back() -> None:
    admission = Admission(limit=1)
    with pytest.raises(ValueError, match="x"), admission.admit():
        raise ValueError("x")
    with admission.admit():
        pass


def test_a_crowd_gets_a_quick_no(app: Flask, client: FlaskClient) -> None:
    state_of(app).admission.backlog = lambda: MAX_WAITING
    answer = client.get("/api/v1/search?q=red")
    assert (answer.status_code, answer.json["code"]) == (503, "overloaded")
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/api/v1/images/1").status_code == 200
    assert client.get("/?q=red").status_code == 503


class HeldDecoder(LocalDecoder):
    """Answers only once it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Semaphore(0)
        self.let_go = threading.Event()

    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        self.entered.release()
        assert self.let_go.wait(60)
        return super().decode(data, wanted, uri=uri, crop=crop)


def test_only_half_of_the_threads_wait_for_decoders() -> None:
    held = HeldDecoder()
    gated = LimitedDecoder(held)
    red = encoded(plain((220, 30, 30), 64, 48))
    with ThreadPoolExecutor(MAX_DECODING) as threads:
        waiting = [threads.submit(gated.decode, red, [], uri="x") for _ in range(MAX_DECODING)]
        for _ in waiting:
            assert held.entered.acquire(timeout=60)
        with pytest.raises(OverloadedError, match="too many pictures"):
            gated.decode(red, [], uri="x")
        held.let_go.set()
        assert {found.result().width for found in waiting} == {64}
    assert THREADS >= 2 * (MAX_DECODING + MAX_REMAKING)
    with pytest.raises(ImageError):
        gated.decode(b"no picture", [], uri="x")
    assert gated.decode(red, [], uri="x", crop=(0, 0, 1, 1)).width == 64
