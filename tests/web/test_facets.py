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
        "collection": {"default": 3, "cars": 1},
        "orientation": {"landscape": 3, "portrait": 1},
        "format": {"JPEG": 4},
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


def test_filters_narrow_all_facets_but_their_own(client: FlaskClient) -> None:
    found = counted(client, "name=collection&name=orientation&collection=cars&folder=cars")
    assert found == {"collection": {"cars": 1}, "orientation": {"landscape": 1}}
    found = counted(client, "name=collection&name=orientation&collection=cars")
    assert found == {"collection": {"default": 3, "cars": 1}, "orientation": {"landscape": 1}}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("name=folder", "/name/0"),
        ("name=colour", "/name/0"),
        ("q=red", "/q"),
        ("format=x", "/format/0"),
    ],
)
def test_what_cannot_be_counted_is_refused(client: FlaskClient, query: str, pointer: str) -> None:
    answer = client.get(f"/api/v1/facets?{query}")
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]
