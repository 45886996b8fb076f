from __future__ import annotations

from contextlib import ExitStack

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search.errors import OverloadedError
from web.front import front_of
from web.gate import MAX_WAITING, Gate


def test_one_more_than_the_limit_is_turned_away_and_room_comes_back() -> None:
    gate = Gate(limit=2)
    with ExitStack() as inside:
        inside.enter_context(gate.passing())
        inside.enter_context(gate.passing())
        with pytest.raises(OverloadedError), gate.passing():
            pass
    with gate.passing():
        pass


def test_an_error_inside_gives_the_place_back() -> None:
    gate = Gate(limit=1)
    with pytest.raises(ValueError, match="x"), gate.passing():
        raise ValueError("x")
    with gate.passing():
        pass


def test_a_crowd_gets_a_quick_no(app: Flask, client: FlaskClient) -> None:
    front_of(app).gate.backlog = lambda: MAX_WAITING
    answer = client.get("/api/v1/search?q=red")
    assert (answer.status_code, answer.json["code"]) == (503, "overloaded")
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/api/v1/images/1").status_code == 200
    assert client.get("/?q=red").status_code == 503
