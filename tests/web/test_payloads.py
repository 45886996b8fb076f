from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from web.errors import RequestError
from web.payloads import read_json

SEARCH = "/api/v1/search"


def told(client: FlaskClient, body: Any) -> tuple[int, str, str]:
    """Status, code, and the first pointer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post(SEARCH, data=data, content_type="application/json")
    assert answer.status_code < 500, answer.json
    errors = answer.json.get("errors") or [{"pointer": ""}]
    return answer.status_code, answer.json.get("code", ""), errors[0]["pointer"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/query"),
        ({"query": {"text": "   "}}, "/query"),
        ({"query": {"negative": "cars"}}, "/query"),
        ({"query": {"text": "a" * 1001}}, "/query/text"),
        ({"query": {"text": 5}}, "/query/text"),
        ({"query": {"text": "a\0b"}}, "/query/text"),
        ({"query": {"image_id": True}}, "/query/image_id"),
        ({"query": {"image_id": "1"}}, "/query/image_id"),
        ({"query": {"image_id": 10**30}}, "/query/image_id"),
        ({"query": {"text": "a", "colour": "red"}}, "/query/colour"),
        ({"query": {"text": "a", "crop": [0, 0, 1, 1]}}, "/query/crop"),
        ({"query": {"text": "a", "crop": [0.5, 0, 0.4, 1]}}, "/query"),
        ({"query": {"text": "a", "crop": [0, 0, 1]}}, "/query/crop"),
        ({"query": {"text": "a", "more_like": [1] * 501}}, "/query/more_like"),
        ({"query": {"text": "a", "weights": {"text": -1}}}, "/query/weights/text"),
        ({"query": {"text": "a"}, "limit": 0}, "/limit"),
        ({"query": {"text": "a"}, "limit": 201}, "/limit"),
        ({"query": {"text": "a"}, "limit": 1.5}, "/limit"),
        ({"query": {"text": "a"}, "limit": "5"}, "/limit"),
        ({"query": {"text": "a"}, "limit": True}, "/limit"),
        ({"query": {"text": "a"}, "offset": -1}, "/offset"),
        ({"query": {"text": "a"}, "offset": 9990}, ""),
        ({"query": {"text": "a"}, "offset": 10**18}, "/offset"),
        ({"query": {"text": "a"}, "min_score": "high"}, "/min_score"),
        ({"query": {"text": "a"}, "min_score": 1.01}, "/min_score"),
        ({"query": {"text": "a"}, "target": "everything"}, "/target"),
        ({"query": {"text": "a"}, "sort": 1}, "/sort"),
        ({"query": {"text": "a"}, "relevance": "strong"}, "/relevance"),
        ({"query": {"text": "a"}, "filter": {"collection": ["a"] * 51}}, "/filter/collection"),
        ({"query": {"text": "a"}, "filter": {"collection": {"a": 1}}}, "/filter/collection"),
        ({"query": {"text": "a"}, "filter": {"taken_after": "soon"}}, "/filter/taken_after"),
        ({"query": {"text": "a"}, "filter": {"taken_after": 5}}, "/filter/taken_after"),
        (
            {"query": {"text": "a"}, "filter": {"taken_after": "0001-01-01T00:00:00+23:59"}},
            "/filter/taken_after",
        ),
        ({"query": {"text": "a"}, "filter": {"orientation": "round"}}, "/filter/orientation/0"),
        ({"query": {"text": "a"}, "filter": {"a/b~c": 1}}, "/filter/a~1b~0c"),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_what_is_out_of_bounds_is_pointed_at(client: FlaskClient, body: Any, pointer: str) -> None:
    assert told(client, body) == (422, "validation_error", pointer)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b'{"limit": NaN}',
        b'{"limit": Infinity}',
        b'{"min_score": 1e309}',
        b'{"limit": 1, "limit": 2}',
        b'{"query": {"text": "a", "text": "b"}}',
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"limit": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_json_is_bad_json(client: FlaskClient, data: bytes) -> None:
    assert told(client, data)[:2] == (400, "bad_json")


def test_a_lone_surrogate_is_no_text(client: FlaskClient) -> None:
    assert told(client, b'{"query": {"text": "\\ud800"}}')[0] == 422
    assert told(client, b'{"\\ud800": 1, "query": {"text": "a"}}')[0] == 422


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("", "/q"),
        ("q=", "/q"),
        ("q=%20", "/q"),
        ("q=" + "a" * 1001, "/q"),
        ("q=a%00b", "/q"),
        ("q=a&limit=0", "/limit"),
        ("q=a&limit=1.5", "/limit"),
        ("q=a&limit=1e3", "/limit"),
        ("q=a&limit=NaN", "/limit"),
        ("q=a&limit=" + "9" * 5000, "/limit"),
        ("q=a&limit=%D9%A3", "/limit"),
        ("q=a&offset=-1", "/offset"),
        ("q=a&offset=9999", ""),
        ("q=a&min_score=inf", "/min_score"),
        ("q=a&min_score=2", "/min_score"),
        ("q=a&format=exe", "/format/0"),
        ("q=a" + "&folder=x" * 51, "/folder"),
    ],
)
def test_bounds_of_a_query_string(client: FlaskClient, query: str, pointer: str) -> None:
    answer = client.get(f"{SEARCH}?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "validation_error")
    assert answer.json["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        "a b",
        "W10",
        "W251bGwsIG51bGxd",
        "9" * 201,
        "W1sxXV0",
        "WzFlOTk5LCAxXQ",
        "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5LCAxXQ",
    ],
)
def test_a_cursor_that_we_did_not_give_is_refused(client: FlaskClient, cursor: str) -> None:
    answer = client.get("/api/v1/images", query_string={"cursor": cursor})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/cursor")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_content_types_are_not_understood(client: FlaskClient, kind: str) -> None:
    for path in (SEARCH, "/api/v1/search/batch", "/api/v1/describe"):
        answer = client.post(path, data=b'{"query":{"text":"a"}}', content_type=kind)
        assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")


def test_a_body_of_21_mb_is_too_large(client: FlaskClient) -> None:
    for path, kind in (
        (SEARCH, "application/json"),
        ("/api/v1/describe", "multipart/form-data; boundary=x"),
    ):
        answer = client.post(path, data=b" " * (21 * 1024 * 1024), content_type=kind)
        assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")


def test_a_form_has_few_and_small_parts(client: FlaskClient) -> None:
    many = {f"field{n}": "x" for n in range(200)}
    assert (
        client.post("/api/v1/describe", data=many, content_type="multipart/form-data").status_code
        == 413
    )
    long = {"request": "x" * 2_000_000}
    assert client.post(SEARCH, data=long, content_type="multipart/form-data").status_code == 413


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)
FIELDS = ["query", "filter", "limit", "offset", "target", "sort", "min_score", "collapse"]
PARTS = [
    "text",
    "image_id",
    "negative",
    "crop",
    "more_like",
    "weights",
    "collection",
    "taken_after",
]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        JSON | st.dictionaries(st.sampled_from(PARTS), JSON, max_size=4),
        max_size=5,
    )
)
def test_no_json_brings_the_server_down(client: FlaskClient, body: dict[str, Any]) -> None:
    told(client, body)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.dictionaries(
        st.sampled_from(["q", "limit", "offset", "folder", "taken_after", "cursor", "sort"]),
        st.text(max_size=30),
    )
)
def test_no_query_string_brings_the_server_down(
    client: FlaskClient, given_: dict[str, str]
) -> None:
    query = {name: text.encode("utf-8", "replace").decode() for name, text in given_.items()}
    for path in (SEARCH, "/api/v1/images", "/"):
        assert client.get(path, query_string=query).status_code < 500


@settings(deadline=None)
@given(JSON)
def test_strict_json_is_json(value: Any) -> None:
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        with pytest.raises(RequestError):
            read_json(json.dumps(value).encode())
    else:
        assert read_json(text.encode()) == json.loads(text)
