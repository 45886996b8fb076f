"""Requests whose bytes are wrong before any value is: each gets its reason in our words."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from tests.pictures import jpeg

RED = jpeg((200, 30, 30))


@pytest.mark.parametrize("query", ["q=%ff%fe", "q=a&folder=%ff", "q=\xc3"])
def test_a_query_string_that_is_not_utf8_is_refused(client: FlaskClient, query: str) -> None:
    for path in ("/api/v1/search", "/"):
        answer = client.get(path, environ_overrides={"QUERY_STRING": query})
        assert answer.status_code == 400
        assert "not UTF-8" in answer.text
    assert client.get("/api/v1/search?q=%E7%BA%A2").status_code == 200


def test_a_number_that_is_too_long_is_refused_in_our_words(client: FlaskClient) -> None:
    body = b'{"limit": ' + b"9" * 1_000_000 + b"}"
    answer = client.post("/api/v1/search", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_json")
    assert answer.json["detail"] == "this is not valid JSON: a number has more than 100 digits"


def test_text_beside_a_picture_under_its_name_is_one_too_many(client: FlaskClient) -> None:
    for part in ("text", ""):
        parts = {"image": [(io.BytesIO(RED), "a.jpg"), part]}
        answer = client.post("/api/v1/describe", data=parts, content_type="multipart/form-data")
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "too_many")


@pytest.mark.parametrize("path", ["/api/v1/describe", "/api/v1/search", "/"])
def test_a_form_without_a_boundary_is_refused(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data=RED, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "boundary" in answer.text


def test_a_host_that_ends_in_two_dots_is_not_ours(client: FlaskClient) -> None:
    for host, status in (("localhost.", 200), ("localhost..", 400), ("..", 400)):
        answer = client.get("/api/v1/version", headers={"Host": host})
        assert answer.status_code == status
        assert status == 200 or answer.json["code"] == "bad_host"


def test_a_thumbnail_that_does_not_match_is_refused_as_a_problem(client: FlaskClient) -> None:
    path = "/api/v1/images/1/thumb"
    answer = client.get(path, headers={"If-Match": '"x"'})
    assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed")
    assert answer.content_type == "application/problem+json"
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-Match": etag}).status_code == 200


def test_a_slash_too_many_is_no_address(client: FlaskClient) -> None:
    answer = client.get("/api/v1//search?q=red")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
