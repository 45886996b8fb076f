from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from search.errors import Reason
from search.findings import Code, Finding
from search.query import Query
from search.records import (
    Caption,
    Description,
    Failure,
    FileStamp,
    Hit,
    HitReason,
    ImageRecord,
    LibraryStats,
    Location,
    Match,
    Relevance,
    Root,
    SearchResult,
    Space,
    Tag,
)
from search.requests import terms
from search.shapes.hits import description_json, hit_json, query_json, result_json, why
from search.shapes.library import failure_json, finding_json, stats_json
from search.shapes.pictures import Links, image_json
from search.shapes.values import path_json, time_json

AT = datetime(2024, 7, 2, 10, 11, 12, 900_000, tzinfo=UTC)
STAMP = FileStamp(100, 1)


def record(*paths: bytes, captions: tuple[Caption, ...] = ()) -> ImageRecord:
    return ImageRecord(
        id=42,
        collection="shop",
        content_hash="ab" * 32,
        format="JPEG",
        width=4032,
        height=3024,
        taken_at=AT,
        added_at=AT,
        locations=tuple(Location(1, path, b"/photos/" + path, STAMP) for path in paths),
        captions=captions,
    )


def links(image: ImageRecord) -> Links:
    base = f"/i/{image.id}"
    return {
        "self": base,
        "thumb": f"{base}/t",
        "similar": f"{base}/s",
        "original": f"{base}/o",
        "page": f"{base}/p",
    }


def hit(image: ImageRecord) -> Hit:
    cosines = {Space.IMAGE: 0.2871, Space.CAPTION: 0.612}
    return Hit(1, 0.87, Relevance.STRONG, cosines, ("picture", "caption"), image)


def test_a_hit_has_the_names_of_the_contract() -> None:
    image = record(b"2024/beach/IMG_01.jpg", b"copy.jpg", captions=(Caption("red", "en", "m"),))
    assert hit_json(hit(image), links=links) == {
        "id": 42,
        "rank": 1,
        "score": 0.87,
        "relevance": "strong",
        "scores": {"image": 0.2871, "caption": 0.612, "words": None},
        "matched_by": ["picture", "caption"],
        "reasons": [],
        "collection": "shop",
        "path": "2024/beach/IMG_01.jpg",
        "caption": "red",
        "width": 4032,
        "height": 3024,
        "format": "JPEG",
        "taken_at": "2024-07-02T10:11:12Z",
        "tags": [],
        "thumbhash": None,
        "duplicates": 1,
        "links": links(image),
    }


def test_paths_are_absolute_where_asked_for() -> None:
    shown = hit_json(hit(record(b"a.jpg")), absolute=True)
    assert shown["path"] == "/photos/a.jpg"
    assert "links" not in shown


def test_a_path_that_is_no_utf8_is_escaped_with_its_bytes_beside() -> None:
    shown = image_json(record(b"caf\xe9.jpg", b"fine.jpg"))
    assert shown["path"] == r"caf\xe9.jpg"
    assert base64.b64decode(shown["path_bytes"]) == b"caf\xe9.jpg"
    assert shown["locations"] == [r"caf\xe9.jpg", "fine.jpg"]
    assert [base64.b64decode(path) for path in shown["locations_bytes"]] == [
        b"caf\xe9.jpg",
        b"fine.jpg",
    ]
    assert json.dumps(shown, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "name", ["红色.jpg", 'a"b\\c.jpg', "new\nline", "\x1b[31m", "🍎", "e\u0301"]
)
def test_utf8_paths_are_shown_as_they_are(name: str) -> None:
    assert path_json(name.encode()) == {"path": name}


def test_an_image_tells_all_its_captions_the_human_one_first() -> None:
    captions = (Caption("machine", "en", "embedded"), Caption("mine", "en", "human"))
    shown = image_json(record(b"a.jpg", captions=captions))
    assert shown["caption"] == "mine"
    assert {caption["source"] for caption in shown["captions"]} == {"embedded", "human"}
    assert image_json(record())["path"] is None


@pytest.mark.parametrize(
    ("offset", "limit", "total", "following"),
    [
        (0, 10, 10, None),
        (0, 10, 11, 10),
        (10, 10, 11, None),
        (9_980, 10, 50_000, 9_990),
        (9_990, 10, 50_000, None),
        (9_960, 24, 50_000, None),  # 24 more from 9,984 may not be asked for
    ],
)
def test_the_next_page_begins_where_this_one_ends(
    offset: int, limit: int, total: int, following: int | None
) -> None:
    result = SearchResult([hit(record(b"a"))], total, 17, 21.0)
    shown = result_json(result, Query(terms("red"), limit=limit, offset=offset))
    assert shown["next_offset"] == following
    assert (shown["total"], shown["revision"], shown["took_ms"]) == (total, 17, 21.0)


def test_a_question_is_told_as_it_was_read() -> None:
    query = Query(
        terms(
            " red dress ", image=b"x", image_id=3, negative="blue", more_like=(1,), less_like=(2,)
        )
    )
    shown = query_json(query, truncated=True)
    assert [(part["kind"], part["value"]) for part in shown["read_as"]] == [
        ("text", "red dress"),
        ("picture", None),
        ("image", 3),
        ("not", "blue"),
        ("more_like", 1),
        ("less_like", 2),
    ]
    assert shown["truncated"]


def test_a_description_has_caption_tags_and_neighbours() -> None:
    shown = description_json(
        Description("a dress", (Tag("dress", 0.91234),), [hit(record(b"a"))]), absolute=True
    )
    assert shown["tags"] == [{"text": "dress", "score": 0.9123}]
    assert shown["nearest"][0]["path"] == "/photos/a"


def test_counts_keep_their_names() -> None:
    stats = LibraryStats(1, 2, 3, 4, {"default": 1}, "embedded", None, 5)
    assert stats_json(stats, device="cpu") == {
        "images": 1,
        "locations": 2,
        "skipped": 3,
        "captions": 4,
        "model": "embedded",
        "captioner": None,
        "device": "cpu",
        "collections": {"default": 1},
        "revision": 5,
    }


def test_a_skipped_file_is_told_below_its_innermost_root() -> None:
    failure = Failure(b"/photos/2024/x.jpg", Reason.CORRUPT, "bad header", 2, AT)
    roots = [Root(n, "c", path, 1, 0) for n, path in enumerate([b"/photos", b"/photos/2024", b"/"])]
    assert failure_json(failure)["path"] == "/photos/2024/x.jpg"
    assert failure_json(failure, roots[:1])["path"] == "2024/x.jpg"
    assert failure_json(failure, roots) == {
        "path": "x.jpg",
        "reason": "corrupt",
        "detail": "bad header",
        "attempts": 2,
        "at": "2024-07-02T10:11:12Z",
    }
    assert failure_json(failure, [])["path"] == "x.jpg"


def test_what_doctor_finds_has_a_code_and_a_place() -> None:
    shown = finding_json(Finding(Code.VECTOR_DAMAGED, "checksum", b"\xff", 7))
    assert (shown["code"], shown["path"], shown["image_id"]) == ("vector_damaged", r"\xff", 7)
    assert finding_json(Finding(Code.DANGLING_ROW, "y"))["path"] is None


def test_times_are_in_utc() -> None:
    east = datetime(2024, 7, 2, 12, 11, 12, tzinfo=timezone(timedelta(hours=2)))
    assert time_json(east) == "2024-07-02T10:11:12Z"
    assert time_json(None) is None


def test_why_a_hit_is_one_is_given_in_values_and_in_words() -> None:
    matches = Match("red", "title"), Match("apple", "title")
    found = (HitReason("picture", 0.6123, ()), HitReason("words", 0.3, matches))
    hit = Hit(1, 0.9, Relevance.STRONG, {"words": 0.75}, ("words",), record(), reasons=found)
    shown = hit_json(hit)
    assert shown["scores"] == {"image": None, "caption": None, "words": 0.75}
    assert shown["reasons"] == [
        {"evidence": "picture", "score": 0.61},
        {
            "evidence": "words",
            "score": 0.3,
            "matches": [{"words": "red", "field": "title"}, {"words": "apple", "field": "title"}],
        },
    ]
    said = "picture 0.61, words 0.30 (red in the title; apple in the title)"
    assert why(shown["reasons"]) == said
