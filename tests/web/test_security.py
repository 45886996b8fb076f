from __future__ import annotations

import html
import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search.errors import LibraryDamagedError
from search.settings import Settings
from tests.pictures import jpeg
from tests.web.library import Picture, WatchedEngine, fruit_library
from web import create_app
from web.security import answer_to

NASTY = [
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "{{ 7*7 }}",
    "javascript:alert(1)",
    "<svg onload=alert(1)>",
]

REQUESTS = [
    ("GET", "/", 200),
    ("GET", "/?q=red", 200),
    ("GET", "/?q=&sort=newest", 303),
    ("GET", "/?cursor=!", 422),
    ("GET", "/images/1", 200),
    ("GET", "/images/99", 404),
    ("GET", "/status", 200),
    ("GET", "/static/app.js", 200),
    ("GET", "/static/nothing.js", 404),
    ("GET", "/nothing", 404),
    ("DELETE", "/", 405),
    ("GET", "/console", 404),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/api/v1/search?q=red", 200),
    ("GET", "/api/v1/search", 422),
    ("POST", "/api/v1/search", 415),
    ("PUT", "/api/v1/search", 405),
    ("OPTIONS", "/api/v1/search", 200),
    ("HEAD", "/api/v1/stats", 200),
    ("GET", "/api/v1/images", 200),
    ("GET", "/api/v1/images/1", 200),
    ("GET", "/api/v1/images/1/thumb", 200),
    ("GET", "/api/v1/images/1/original", 200),
    ("GET", "/api/v1/images/../../etc/passwd", 404),
    ("GET", "/api/v1/images/%2e%2e%2f%2e%2e%2fetc%2fpasswd/original", 404),
    ("GET", "/api/v1/openapi.json", 200),
    ("GET", "/api/v1/nothing", 404),
]


def check_headers(answer: object) -> None:
    headers = answer.headers  # type: ignore[attr-defined]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Request-Id"]
    assert "Access-Control-Allow-Origin" not in headers
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(("method", "path", "status"), REQUESTS)
def test_every_response_is_guarded(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method, headers={"Origin": "https://evil.example"})
    assert answer.status_code == status
    check_headers(answer)


def test_the_policy_is_strict_where_a_page_is_shown(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    for part in (
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy


@pytest.mark.parametrize("path", ["/", "/api/v1/stats", "/api/v1/images/1/thumb", "/readyz"])
def test_an_error_of_ours_tells_its_number_and_nothing_else(
    client: FlaskClient, engine: WatchedEngine, path: str
) -> None:
    engine.break_with(RuntimeError("secret /etc/path"))
    answer = client.get(path, headers={"X-Request-Id": "mine-1"})
    assert answer.status_code == 500
    assert b"secret" not in answer.data
    assert b"Traceback" not in answer.data
    assert b"mine-1" in answer.data
    check_headers(answer)


def test_a_damaged_library_is_told_not_hidden(client: FlaskClient, engine: WatchedEngine) -> None:
    engine.break_with(LibraryDamagedError("run `indexer doctor --repair`"))
    answer = client.get("/api/v1/search?q=red")
    assert (answer.status_code, answer.json["code"]) == (503, "index_damaged")
    page = client.get("/")
    assert page.status_code == 503
    assert b"indexer doctor --repair" in page.data


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8765", "LOCALHOST", "127.0.0.1:1", "[::1]:8765", "photos.example"],
)
def test_our_own_names_are_answered(tmp_path: Path, engine: WatchedEngine, host: str) -> None:
    app = create_app(Settings(library=tmp_path, allowed_hosts=("Photos.example",)), engine)
    assert app.test_client().get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.5",
        "evil@localhost",
        "a b",
        "[::1",
        "localhost:x",
    ],
)
def test_other_names_are_not(client: FlaskClient, host: str) -> None:
    for path in ("/", "/api/v1/search?q=a", "/healthz", "/static/app.js"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400, path
        check_headers(answer)
    assert client.get("/api/v1/stats", headers={"Host": host}).json["code"] == "bad_host"


def test_a_server_on_all_interfaces_answers_to_addresses_not_to_names(
    app: Flask, client: FlaskClient
) -> None:
    answer_to(app, "0.0.0.0")
    assert client.get("/healthz", headers={"Host": "192.168.1.7:8765"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_a_harmless_request_id_comes_back(client: FlaskClient) -> None:
    sent = client.get("/healthz", headers={"X-Request-Id": "abc-123"})
    assert sent.headers["X-Request-Id"] == "abc-123"
    for bad in ("a b", "x" * 200, "<b>", "é"):
        answer = client.get("/healthz", headers={"X-Request-Id": bad})
        assert answer.headers["X-Request-Id"] != bad


@pytest.mark.parametrize("text", NASTY)
def test_names_captions_and_queries_are_shown_never_run(tmp_path: Path, text: str) -> None:
    name = text.replace("/", "_").encode()
    nasty = Picture(text, b"x/" + name + b".jpg", jpeg((9, 9, 9)), collection=text)
    library = fruit_library(tmp_path, [nasty])
    client = create_app(Settings(library=library), WatchedEngine(library)).test_client()
    pages = [
        client.get("/"),
        client.get("/", query_string={"q": text, "folder": text, "collection": text}),
        client.get("/images/5"),
        client.get("/?image_id=5"),
        client.get("/status"),
        client.get("/" + text),
        client.post("/", data={"q": text, "image": (io.BytesIO(b"no"), text)}),
    ]
    assert html.escape(text) in pages[0].get_data(as_text=True).replace("&#34;", "&quot;").replace(
        "&#39;", "&#x27;"
    )
    for page in pages:
        shown = page.get_data(as_text=True)
        for raw in ("<img src=x", "<script>alert", "onmouseover='alert", "<svg onload"):
            assert raw not in shown
