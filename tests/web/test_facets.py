"""Counts of what filters could ask for."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


def counted(client: FlaskClient, query: str) -> dict[str, dict[str, int]]:
    answer = client.get(f"/api/v1/facets?{query}")
    assert answer.status_code == 200, answer.text
    return {
        facet["name"]: {value["value"]: value["count"] for value in facet["values"]}
        for facet in answer.json["facets"]
    }


def test_every_filter_with_values_of_its_own_is_counted(client: FlaskClient) -> None:
    assert counted(client, "") | {"camera": {}} == {
        "availability": {},
        "collection": {"default": 3, "cars": 1},
        "orientation": {"landscape": 3, "portrait": 1},
        "format": {"JPEG": 4},
        "colour": {"red": 2, "blue": 1, "green": 1},
        "year": {"2025": 2, "2024": 1},
        "month": {"2025-01": 1, "2025-06": 1, "2024-07": 1},
        "camera": {},
    }


def test_the_most_frequent_comes_first_in_words(client: FlaskClient) -> None:
    (facet,) = client.get("/api/v1/facets?name=orientation").json["facets"]
    assert facet == {
        "name": "orientation",
        "values": [
            {"value": "landscape", "count": 3, "label": "Landscape"},
            {"value": "portrait", "count": 1, "label": "Portrait"},
        ],
    }


def test_a_colour_has_a_swatch(client: FlaskClient) -> None:
    (facet,) = client.get("/api/v1/facets?name=colour&prefix=蓝").json["facets"]
    assert facet["values"] == [{"value": "blue", "count": 1, "label": "Blue", "swatch": "#2f6fd0"}]


def test_filters_narrow_all_facets_but_their_own(client: FlaskClient) -> None:
    found = counted(client, "name=collection&name=orientation&collection=cars&folder=cars")
    assert found == {"collection": {"cars": 1}, "orientation": {"landscape": 1}}
    found = counted(client, "name=collection&name=orientation&collection=cars")
    assert found == {"collection": {"default": 3, "cars": 1}, "orientation": {"landscape": 1}}


def test_a_question_has_the_hits_of_its_search_counted(client: FlaskClient) -> None:
    assert counted(client, "q=red&name=year&name=collection") == {
        "year": {"2025": 1, "2024": 1},
        "collection": {"default": 2},
    }
    assert counted(client, "q=red&name=year&name=month&year=2024") == {
        "year": {"2025": 1, "2024": 1},
        "month": {"2024-07": 1},
    }
    assert counted(client, "q=red&name=year&relevance=any&orientation=landscape") == {
        "year": {"2025": 1, "2024": 1}
    }
    assert counted(client, "q=zebra&name=year") == {"year": {}}


def test_an_answer_brings_the_counts_of_all_its_hits_along(client: FlaskClient) -> None:
    asked = "q=red&facets=year&facets=format&limit=1&year=2025"
    answer = client.get(f"/api/v1/search?{asked}").json
    assert [len(answer["hits"]), answer["total"]] == [1, 1]
    assert {
        facet["name"]: {value["value"]: value["count"] for value in facet["values"]}
        for facet in answer["facets"]
    } == {"year": {"2025": 1, "2024": 1}, "format": {"JPEG": 1}}
    assert "facets" not in client.get("/api/v1/search?q=red").json


def test_the_like_of_an_image_is_counted_without_itself(client: FlaskClient) -> None:
    assert counted(client, "image_id=1&relevance=any&name=year") == {"year": {"2025": 1, "2024": 1}}


@pytest.mark.parametrize("prefix", ["2024", "july", "jul", "7月", "2024年7"])
def test_values_are_found_by_a_word_of_theirs_in_any_language(
    client: FlaskClient, prefix: str
) -> None:
    found = counted(client, f"name=month&prefix={prefix}")["month"]
    assert found == ({} if prefix == "7月" else {"2024-07": 1})


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("name=folder", "/name/0"),
        ("name=smell", "/name/0"),
        ("q=red&target=nose", "/target"),
        ("year=soon", "/year/0"),
        ("format=x", "/format/0"),
    ],
)
def test_what_cannot_be_counted_is_refused(client: FlaskClient, query: str, pointer: str) -> None:
    answer = client.get(f"/api/v1/facets?{query}")
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]
