"""What a request may hold is said once; a body full of mistakes costs no more than a short one."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from search.jpeg import MAX_SCANS
from search.limits import QUERY_MEGAPIXELS
from web import limits
from web.errors import RequestError
from web.payloads import parse
from web.requests import BatchRequest, SearchRequest

ROOT = Path(__file__).parents[2]
SEARCH = "/api/v1/search"
NAMES = {str(n): 1 for n in range(80_000)}  # 0.9 MB of JSON
WRONG = ["x"] * 200_000


def test_a_json_body_has_a_megabyte_at_most(client: FlaskClient) -> None:
    asked = b'{"query":{"text":"red"}}'
    full = asked + b" " * (limits.MAX_JSON - len(asked))
    batch = b'{"searches":[' + asked + b"]}"
    for path, body in ((SEARCH, full), (SEARCH + "/batch", batch.ljust(limits.MAX_JSON))):
        assert client.post(path, data=body, content_type="application/json").status_code == 200
        answer = client.post(path, data=body + b" ", content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")
        assert answer.json["detail"] == f"JSON may have at most {limits.JSON}"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (NAMES, "/0"),
        ({"query": NAMES}, "/query/0"),
        ({"query": {"text": "a", "weights": NAMES}}, "/query/weights/0"),
        ({"filter": NAMES}, "/filter/0"),
        ({"query": {"more_like": WRONG}}, "/query/more_like"),
        ({"query": {"crop": WRONG}}, "/query/crop"),
        ({"filter": {"collection": [1] * 400_000}}, "/filter/collection"),
        ({"filter": {"orientation": WRONG}}, "/filter/orientation"),
        ({"filter": {"format": WRONG}}, "/filter/format"),
    ],
)
def test_a_body_full_of_mistakes_is_refused_for_little_memory(
    body: dict[str, Any], pointer: str
) -> None:
    assert len(json.dumps(body, separators=(",", ":"))) <= limits.MAX_JSON
    tracemalloc.start()
    try:
        with pytest.raises(RequestError) as caught:
            parse(SearchRequest, body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.faults[0].pointer == pointer
    assert len(caught.value.faults) <= 50
    assert peak < 16 * limits.MAX_JSON


def test_each_item_of_a_batch_is_refused_for_itself(client: FlaskClient) -> None:
    wrong = {str(n): 1 for n in range(2_000)}
    answer = client.post(SEARCH + "/batch", json={"searches": [wrong, {"query": {"text": "red"}}]})
    first, second = answer.json["results"]
    assert (first["status"], first["errors"][0]["pointer"]) == (422, "/0")
    assert second["status"] == 200
    with pytest.raises(RequestError):
        parse(BatchRequest, {"searches": WRONG})


def test_unknown_names_are_pointed_at_wherever_they_are(client: FlaskClient) -> None:
    body = {"query": {"text": "a", "weights": {"sound": 1}}, "filter": {"tag": 3}, "limmit": 1}
    answer = client.post(SEARCH, data=json.dumps(body), content_type="application/json")
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [
        ("/query/weights/sound", "unknown_field"),
        ("/filter/tag", "not_supported"),
        ("/limmit", "unknown_field"),
    ]


def test_documents_and_pages_say_the_limits_that_hold(client: FlaskClient) -> None:
    docs = (ROOT / "docs" / "api.md").read_text()
    assert f"a picture {limits.PICTURE} at most, JSON {limits.JSON}" in docs
    assert f"have {QUERY_MEGAPIXELS} megapixels, a JPEG {MAX_SCANS} scans" in docs
    described = json.dumps(client.get("/api/v1/openapi.json").json)
    assert f"{limits.PICTURE} at most" in described
    assert f"a picture of more than {limits.PICTURE}, JSON of more than {limits.JSON}" in described
    page = client.get("/").text
    assert f'data-max-bytes="{limits.MAX_PICTURE}" data-max-words="{limits.PICTURE}"' in page


def test_the_size_of_a_picture_is_written_down_once() -> None:
    """Everything that speaks of it reads `limits`: no sentence can contradict the parser."""
    told = f"{limits.MAX_PICTURE // 1024**2} MB"
    for folder, pattern in (("web", "*.py"), ("web/templates", "*"), ("web/static", "*.js")):
        for path in (ROOT / folder).glob(pattern):
            if path.name != "limits.py":
                text = path.read_text()
                assert told not in text, path
                assert "1024 * 1024" not in text, path
