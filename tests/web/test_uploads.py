"""Pictures of real size arrive whole, whatever their bytes are; what is too large is refused."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.pictures import encoded, noise
from web import limits

SEARCH, DESCRIBE = "/api/v1/search", "/api/v1/describe"
MB = 1024 * 1024


def post(client: FlaskClient, path: str, picture: bytes, **fields: Any) -> TestResponse:
    parts = {"image": (io.BytesIO(picture), "picture.jpg"), **fields}
    return client.post(path, data=parts, content_type="multipart/form-data")


def photograph(seed: int, width: int, height: int) -> bytes:
    """Grain like that of a camera at night: 1.2 bytes for each pixel."""
    return encoded(noise(seed, width, height), "JPEG", quality=95)


@pytest.mark.parametrize(
    ("megabytes", "seeds"), [(0.3, range(20)), (0.8, range(20)), (5, range(4)), (19, range(2))]
)
def test_bytes_of_any_size_reach_the_decoder(
    client: FlaskClient, megabytes: float, seeds: range
) -> None:
    for seed in seeds:
        noise = random.Random(seed).randbytes(int(megabytes * MB))
        for path in (DESCRIBE, SEARCH, "/"):
            answer = post(client, path, noise)
            assert answer.status_code == 422, (path, seed)
            if path != "/":
                assert answer.json["code"] == "undecodable_image"


@pytest.mark.parametrize(("width", "height"), [(800, 600), (2400, 1800), (3000, 2600)])
def test_photographs_are_searched_with(client: FlaskClient, width: int, height: int) -> None:
    for seed in range(3):
        picture = photograph(seed, width, height)
        assert len(picture) > width * height
        for path in (DESCRIBE, SEARCH, "/"):
            assert post(client, path, picture).status_code == 200, (path, seed)


def test_a_picture_may_have_exactly_as_much_as_we_say(client: FlaskClient) -> None:
    picture = photograph(1, 800, 600)
    full = picture + bytes(limits.MAX_PICTURE - len(picture))
    for path in (DESCRIBE, SEARCH, "/"):
        assert post(client, path, full).status_code == 200
        answer = post(client, path, full + b"x")
        assert answer.status_code == 413
        assert limits.PICTURE in answer.text
    assert post(client, DESCRIBE, full + b"x").json["code"] == "payload_too_large"


def test_a_request_beside_a_picture_may_have_as_much_as_a_body_of_json(
    client: FlaskClient,
) -> None:
    picture, asked = photograph(1, 800, 600), b'{"limit":1}'
    full = asked + b" " * (limits.MAX_JSON - len(asked))
    for as_part in (bytes.decode, blob):
        answer = post(client, SEARCH, picture, request=as_part(full))
        assert (answer.status_code, answer.json["limit"]) == (200, 1)
        answer = post(client, SEARCH, picture, request=as_part(full + b" "))
        assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")
        assert limits.JSON in answer.json["detail"]


def test_a_form_field_that_is_too_long_is_refused(client: FlaskClient) -> None:
    picture, long = photograph(1, 100, 100), "x" * (3 * MB)
    assert post(client, SEARCH, picture, request=long).status_code == 413
    assert post(client, "/", picture, q=long).status_code == 413
    assert post(client, "/", picture, q=long[:MB]).status_code == 422


def blob(data: bytes) -> tuple[io.BytesIO, str]:
    """As a browser sends `append("request", new Blob([json]))`: with a file name."""
    return io.BytesIO(data), "blob"


def test_a_request_sent_as_a_blob_is_read(client: FlaskClient) -> None:
    asked = {"query": {"text": "apple"}, "limit": 1}
    answer = post(client, SEARCH, photograph(1, 80, 60), request=blob(json.dumps(asked).encode()))
    assert answer.status_code == 200
    assert answer.json["limit"] == 1
    assert answer.json["query"]["text"] == "apple"
    answer = post(client, SEARCH, photograph(1, 80, 60), request=blob(b'{"limmit":1}'))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/limmit")


def test_parts_that_we_do_not_know_are_refused(client: FlaskClient) -> None:
    picture = photograph(1, 80, 60)
    for path, name, part in (
        (SEARCH, "limit", "1"),
        (SEARCH, "requst", blob(b"{}")),
        (DESCRIBE, "request", "{}"),
        (DESCRIBE, "photo", blob(picture)),
    ):
        answer = post(client, path, picture, **{name: part})
        assert (answer.status_code, answer.json["code"]) == (422, "validation_error")
        assert answer.json["errors"][0]["pointer"] == f"/{name}"
        assert answer.json["errors"][0]["code"] == "unknown_field"


def test_two_requests_or_two_pictures_are_one_too_many(client: FlaskClient) -> None:
    picture = photograph(1, 80, 60)
    for name, parts in (
        ("request", ['{"limit":1}', '{"limit":2}']),
        ("request", ['{"limit":1}', blob(b'{"limit":2}')]),
    ):
        answer = post(client, SEARCH, picture, **{name: parts})
        assert answer.status_code == 422
        assert answer.json["errors"][0] == {
            "pointer": "/request",
            "code": "too_many",
            "message": "one `request` at a time",
        }
    both = {"image": [blob(picture), blob(picture)]}
    answer = client.post(DESCRIBE, data=both, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "too_many")


def test_a_raw_photograph_is_refused_by_its_name(client: FlaskClient) -> None:
    """What could be decoded in it is a tiny preview."""
    part = (io.BytesIO(encoded(noise(), "TIFF")), "IMG_1.NEF")
    answer = client.post("/api/v1/describe", data={"image": part})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] == "unsupported_format"
    assert "NEF file" in answer.json["detail"]
