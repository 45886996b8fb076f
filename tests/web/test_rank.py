"""POST /api/v1/rank: texts for a picture, as parts of a form or as JSON."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.pictures import jpeg

RANK = "/api/v1/rank"
RED = jpeg((200, 30, 30))


def post(client: FlaskClient, image: bytes | None = RED, **parts: Any) -> Any:
    sent = {} if image is None else {"image": (io.BytesIO(image), "picture.jpg")}
    return client.post(RANK, data={**sent, **parts}, content_type="multipart/form-data")


def test_texts_come_back_with_probabilities_the_likeliest_first(client: FlaskClient) -> None:
    answer = post(client, texts=["blue", "red", "zebra"])
    assert answer.status_code == 200, answer.json
    first, *others = answer.json["texts"]
    assert (first["text"], first["rank"], first["relevance"]) == ("red", 1, "strong")
    assert first["probability"] > 0.99
    assert {each["text"] for each in others} == {"blue", "zebra"}


def test_a_list_may_come_as_json_in_one_part(client: FlaskClient) -> None:
    answer = post(client, texts='["blue", "red"]')
    assert [each["text"] for each in answer.json["texts"]] == ["red", "blue"]
    for text in ("[red] paint", "[" * 5000 + "]"):
        answer = post(client, texts=text[:900])
        assert [each["text"] for each in answer.json["texts"]] == [text[:900]]


@pytest.mark.parametrize("as_json", [True, False])
def test_an_image_of_the_library_is_named_by_its_id(client: FlaskClient, as_json: bool) -> None:
    if as_json:
        answer = client.post(RANK, json={"image_id": 4, "texts": ["red", "blue"]})
    else:
        answer = post(client, None, image_id="4", texts=["red", "blue"])
    assert answer.status_code == 200, answer.json
    assert answer.json["texts"][0]["text"] == "blue"


@pytest.mark.parametrize(
    ("image", "parts", "pointer"),
    [
        (RED, {}, "/texts"),
        (RED, {"texts": ["red"] * 101}, "/texts"),
        (RED, {"texts": ["red", "  "]}, "/texts/1"),
        (RED, {"texts": ["red", "x" * 1001]}, "/texts/1"),
        (RED, {"texts": "[1]"}, "/texts/0"),
        (RED, {"texts": "red", "image_id": "1"}, "/image_id"),
        (RED, {"texts": "red", "request": "{}"}, "/request"),
        (None, {"texts": "red"}, "/image"),
        (None, {"texts": "red", "image_id": "one"}, "/image_id"),
        (b"not a picture", {"texts": "red"}, "/image"),
    ],
)
def test_what_is_wrong_is_pointed_at(
    client: FlaskClient, image: bytes | None, parts: dict[str, Any], pointer: str
) -> None:
    answer = post(client, image, **parts)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_an_image_that_is_not_there_and_a_body_of_another_kind_are_refused(
    client: FlaskClient,
) -> None:
    assert post(client, None, image_id="99", texts="red").status_code == 404
    assert client.post(RANK, data=b"x").status_code == 415
    assert client.post(RANK, json={"image_id": 1, "texts": ["a"], "n": 1}).status_code == 422
