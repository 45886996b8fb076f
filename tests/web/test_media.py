from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from search.settings import Settings
from tests.pictures import jpeg
from tests.web.library import FRUIT, Picture, WatchedEngine, make_library
from web import create_app

THUMB = "/api/v1/images/1/thumb"


def test_a_thumbnail_is_a_jpeg_that_may_be_kept_under_its_hash(client: FlaskClient) -> None:
    address = client.get("/api/v1/images/1").json["links"]["thumb"]
    answer = client.get(address)
    assert answer.content_type == "image/jpeg"
    assert Image.open(io.BytesIO(answer.data)).size == (60, 40)
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize("address", [THUMB, THUMB + "?v=", THUMB + "?v=0123456789ab"])
def test_a_thumbnail_without_the_right_hash_is_asked_for_again(
    client: FlaskClient, address: str
) -> None:
    assert client.get(address).headers["Cache-Control"] == "private, no-cache"


def test_a_thumbnail_that_the_browser_has_is_not_sent_again(client: FlaskClient) -> None:
    etag = client.get(THUMB).headers["ETag"]
    answer = client.get(THUMB, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert client.get(THUMB + "?w=160").headers["ETag"] != etag


@pytest.mark.parametrize("width", ["1", "0", "-320", "320.0", "1e9", "%00", "640%20"])
def test_thumbnails_have_three_widths(client: FlaskClient, width: str) -> None:
    answer = client.get(f"{THUMB}?w={width}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/w")


def test_an_original_is_to_be_saved_not_shown(client: FlaskClient) -> None:
    answer = client.get("/api/v1/images/1/original")
    assert answer.data == FRUIT[0].data
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Content-Disposition"] == "attachment; filename=apple.jpg"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        b"\xff\xfe.jpg",
        "红色.jpg".encode(),
        b'a"b;c.jpg',
        b"new\nline\x1b[31m.jpg",
        b"#?%&.jpg",
        b"-rf",
    ],
)
def test_any_name_can_be_saved(tmp_path: Path, name: bytes) -> None:
    library = make_library(tmp_path, [Picture(None, b"odd/" + name, jpeg((1, 2, 3)))])
    client = create_app(Settings(library=library), WatchedEngine(library)).test_client()
    answer = client.get("/api/v1/images/1/original")
    assert answer.status_code == 200
    assert answer.data == jpeg((1, 2, 3))
    assert "\n" not in answer.headers["Content-Disposition"]
    assert client.get("/images/1").status_code == 200
