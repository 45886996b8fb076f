from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from search.errors import LibraryDamagedError, Reason
from search.query import Picture, Target
from search.records import Orientation, Sort
from search.requests import terms
from search.settings import Settings
from tests.pictures import jpeg
from tests.web.library import ENCODER, WatchedEngine, fruit_library, skip
from web import create_app
from web.api import health  # noqa: F401 - the module under test

RED = jpeg((200, 30, 30))


def upload(image: bytes = RED, **fields: Any) -> dict[str, Any]:
    return {"image": (io.BytesIO(image), "picture.jpg"), **fields}


def is_recent(moment: str) -> bool:
    return abs(datetime.now(UTC) - datetime.fromisoformat(moment)) < timedelta(hours=1)


def test_words_find_the_right_picture_first(client: FlaskClient, engine: WatchedEngine) -> None:
    answer = client.get("/api/v1/search?q=red+apple").json
    assert [hit["id"] for hit in answer["hits"]] == [1, 3, 2]
    first = answer["hits"][0]
    assert first["caption"] == "a red apple on a table"
    assert (first["rank"], first["relevance"]) == (1, "strong")
    assert 0.9 < first["score"] <= 1
    asked, caption = ENCODER.encode_texts(["red apple", "a red apple on a table"])
    assert first["scores"] == {
        "image": pytest.approx(0.7 / 2**0.5, abs=0.1),  # one of two words, and no more than colour
        "caption": pytest.approx(float(asked @ caption), abs=2e-3),
        "words": None,
    }
    assert first["path"] == "fruit/apple.jpg"
    assert (answer["total"], answer["next_offset"]) == (3, None)
    assert answer["revision"] == engine.store.revision() > 0
    assert answer["query"]["read_as"] == [{"kind": "text", "value": "red apple"}]


def test_pages_of_hits_follow_each_other_without_gap_or_repeat(client: FlaskClient) -> None:
    offset, seen = 0, []
    while offset is not None:
        answer = client.get(f"/api/v1/search?q=a&limit=1&offset={offset}").json
        seen += [hit["id"] for hit in answer["hits"]]
        offset = answer["next_offset"]
    whole = client.get("/api/v1/search?q=a").json["hits"]
    assert seen == [hit["id"] for hit in whole]
    assert sorted(seen) == [1, 2, 3, 4]


def test_every_parameter_reaches_the_engine(client: FlaskClient, engine: WatchedEngine) -> None:
    client.get(
        "/api/v1/search?q=red&limit=7&offset=2&target=caption&collection=a&collection=b&folder=x/y"
        "&taken_after=2024-01-01&taken_before=2024-06-01T12:00:00%2B02:00&orientation=portrait"
        "&format=jpeg&sort=newest&relevance=any&min_score=0.25"
    )
    query = engine.asked[-1]
    assert (query.text, query.limit, query.offset) == ("red", 7, 2)
    assert (query.evidence, query.sort) == (Target.CAPTION.evidence, Sort.NEWEST)
    assert (query.any_relevance, query.min_score) == (True, 0.25)
    assert query.filters == {
        "collection": ("a", "b"),
        "folder": ("x/y",),
        "taken_after": (datetime(2024, 1, 1, tzinfo=UTC),),
        "taken_before": (datetime(2024, 6, 1, 10, tzinfo=UTC),),
        "orientation": (Orientation.PORTRAIT,),
        "format": ("JPEG",),
    }


def test_a_json_search_says_the_same_things(client: FlaskClient, engine: WatchedEngine) -> None:
    answer = client.post(
        "/api/v1/search",
        json={
            "query": {
                "text": " red ",
                "negative": "car",
                "more_like": [1],
                "less_like": [4],
                "weights": {"text": 2, "image": 0.5},
            },
            "target": "image",
            "filter": {"collection": "default", "orientation": ["landscape"]},
            "limit": 2,
            "min_score": None,
            "collapse": "duplicates",
        },
    )
    assert answer.status_code == 200
    query = engine.asked[-1]
    assert query.terms == terms(
        "red", negative="car", more_like=[1], less_like=[4], text_weight=2.0, image_weight=0.5
    )
    assert query.filters["collection"] == ("default",)
    kinds = [part["kind"] for part in answer.json["query"]["read_as"]]
    assert kinds == ["text", "not", "more_like", "less_like"]


def test_a_picture_finds_its_like(client: FlaskClient, engine: WatchedEngine) -> None:
    request = json.dumps({"limit": 1, "query": {"crop": [0.1, 0.2, 0.6, 0.9]}})
    answer = client.post("/api/v1/search", data=upload(request=request))
    assert [hit["id"] for hit in answer.json["hits"]] == [1]
    assert engine.asked[-1].terms == (Picture(RED, (0.1, 0.2, 0.6, 0.9)),)


def test_a_batch_answers_each_item_with_its_own_status(client: FlaskClient) -> None:
    searches = [
        {"query": {"text": "cherry"}},
        {"query": {}},
        {"query": {"image_id": 99}},
        {"limit": "many"},
    ]
    results = client.post("/api/v1/search/batch", json={"searches": searches}).json["results"]
    assert [result["status"] for result in results] == [200, 422, 404, 422]
    assert results[0]["hits"][0]["id"] == 3
    assert results[3]["errors"][0]["pointer"] == "/limit"


@pytest.mark.parametrize("count", [0, 33])
def test_a_batch_has_1_to_32_searches(client: FlaskClient, count: int) -> None:
    searches = [{"query": {"text": "red"}}] * count
    assert client.post("/api/v1/search/batch", json={"searches": searches}).status_code == 422


def test_a_picture_is_described(client: FlaskClient) -> None:
    answer = client.post("/api/v1/describe", data=upload()).json
    assert answer["caption"] == "a red picture"
    assert answer["tags"]
    assert all("red" in tag["text"] and 0 < tag["score"] <= 1 for tag in answer["tags"])
    assert answer["nearest"][0]["id"] == 1


@pytest.mark.parametrize("path", ["/api/v1/describe", "/api/v1/search"])
def test_what_is_no_picture_is_named(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data=upload(b"not a picture"))
    assert (answer.status_code, answer.json["code"]) == (422, "undecodable_image")
    assert answer.json["errors"][0] == {
        "pointer": "/image",
        "code": "not_an_image",
        "message": "this is not a picture",
    }


@pytest.mark.parametrize(
    ("fields", "code"),
    [({}, "missing"), ({"image": "text"}, "not_a_file"), (upload(b""), "missing")],
)
def test_a_description_needs_a_picture(
    client: FlaskClient, fields: dict[str, Any], code: str
) -> None:
    answer = client.post("/api/v1/describe", data=fields, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code)


def test_the_library_is_listed_page_by_page(client: FlaskClient) -> None:
    first = client.get("/api/v1/images?limit=3").json
    second = client.get(f"/api/v1/images?limit=3&cursor={first['next_cursor']}").json
    ids = [image["id"] for image in first["images"] + second["images"]]
    assert ids == [4, 2, 1, 3]
    assert second["next_cursor"] is None


def test_one_image_shows_all_its_places(client: FlaskClient) -> None:
    image = client.get("/api/v1/images/3").json
    assert image["locations"] == [
        "fruit/cherry.jpg",
        "copy1/fruit/cherry.jpg",
        "copy2/fruit/cherry.jpg",
    ]
    assert image["duplicates"] == 2
    assert image["captions"] == [{"text": "a red cherry", "language": "en", "source": "fake"}]
    assert image["taken_at"] == "2024-07-02T10:11:12Z"
    assert is_recent(image["added_at"])
    assert (image["width"], image["height"], image["format"]) == (60, 40, "JPEG")


def test_links_lead_somewhere(client: FlaskClient) -> None:
    for address in client.get("/api/v1/images/1").json["links"].values():
        assert address.startswith("/")
        assert client.get(address).status_code == 200, address


def test_neighbours_leave_the_image_itself_out(client: FlaskClient) -> None:
    ids = [hit["id"] for hit in client.get("/api/v1/images/1/similar").json["hits"]]
    assert ids[0] == 3
    assert sorted(ids) == [2, 3, 4]
    assert client.get("/api/v1/images/1/similar?collection=cars").json["total"] == 1


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/images/99",
        "/api/v1/images/99/similar",
        "/api/v1/images/99/thumb",
        "/api/v1/images/99/original",
        "/api/v1/images/0",
        "/api/v1/images/-1",
        "/api/v1/images/99999999999999999999999999",
        "/api/v1/images/1.5",
        "/api/v1/images/" + "9" * 5000,
        "/api/v1/nothing",
        "/api/v1/ask",
        "/api/v1/jobs",
    ],
)
def test_what_is_not_there_is_a_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json["code"] == "not_found"


def test_the_library_is_counted(client: FlaskClient, engine: WatchedEngine) -> None:
    assert client.get("/api/v1/stats").json == {
        "images": 4,
        "locations": 6,
        "skipped": 1,
        "captions": 4,
        "model": "fake",
        "captioner": "fake",
        "device": "cpu",
        "collections": {"default": 3, "cars": 1},
        "revision": engine.store.revision(),
    }
    named = client.get("/api/v1/collections").json["collections"]
    assert {"name": "cars", "images": 1} in named


def test_skipped_files_say_why(client: FlaskClient) -> None:
    answer = client.get("/api/v1/skipped").json
    (skipped,) = answer["skipped"]
    assert is_recent(skipped.pop("at"))
    assert skipped == {
        "path": "notes/broken.jpg",
        "reason": "truncated",
        "detail": "",
        "attempts": 1,
    }
    assert client.get("/api/v1/skipped?reason=timeout").json["skipped"] == []
    assert client.get("/api/v1/skipped?reason=nonsense").status_code == 422


def test_skipped_files_of_one_reason_are_paged(tmp_path: Path) -> None:
    library = fruit_library(tmp_path)
    reasons = [Reason.CORRUPT, Reason.TIMEOUT, Reason.CORRUPT, Reason.CORRUPT]
    skip(library, {b"%d.jpg" % n: reason for n, reason in enumerate(reasons)})
    client = create_app(Settings(library=library), WatchedEngine(library)).test_client()
    first = client.get("/api/v1/skipped?reason=corrupt&limit=2").json
    assert [file["path"] for file in first["skipped"]] == ["0.jpg", "2.jpg"]
    rest = client.get(f"/api/v1/skipped?reason=corrupt&cursor={first['next_cursor']}").json
    assert ([file["path"] for file in rest["skipped"]], rest["next_cursor"]) == (["3.jpg"], None)


def test_the_version_is_told(client: FlaskClient) -> None:
    assert client.get("/api/v1/version").json["api"] == "v1"


def test_health_is_alive_and_ready(client: FlaskClient, engine: WatchedEngine) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ready"}
    engine.break_with(LibraryDamagedError("the index cannot follow"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["detail"]) == (503, "the index cannot follow")
    assert client.get("/healthz").status_code == 200


def test_chinese_is_sent_as_it_is_written(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=红色苹果")
    assert "红色苹果".encode() in answer.data
    assert answer.json["query"]["text"] == "红色苹果"


def test_unknown_parameters_of_a_link_are_ignored(client: FlaskClient) -> None:
    assert client.get("/api/v1/search?q=red&utm_source=letter").status_code == 200


def test_a_filter_of_a_later_version_is_refused_not_ignored(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=red&tag=x")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "not_supported")
    answer = client.post("/api/v1/search", json={"query": {"text": "a"}, "filter": {"tag": ["x"]}})
    assert answer.json["errors"][0] == {
        "pointer": "/filter/tag",
        "code": "not_supported",
        "message": "this filter is not supported yet",
    }
