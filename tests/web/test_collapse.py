"""Pictures that are nearly the same are one hit: in counts, on pages, in facets, on tiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.pictures import encoded
from tests.web.library import Picture, make_library

APPLE, COPY, CHERRY, SMALL = 1, 2, 3, 4


def scene(seed: int, side: int) -> Image.Image:
    patches = np.random.default_rng(seed).integers(0, 255, (9, 9, 3), np.uint8)
    return Image.fromarray(patches).resize((side, side), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three copies of one picture, and another one; all found by "red"."""
    return make_library(
        tmp_path_factory.mktemp("copies"),
        [
            Picture("a red apple", b"apple.png", encoded(scene(1, 160), "PNG")),
            Picture("a red apple", b"copy.jpg", encoded(scene(1, 160), "JPEG", quality=40)),
            Picture("a red cherry on a table", b"cherry.jpg", encoded(scene(2, 160), "JPEG")),
            Picture("a red apple", b"small.jpg", encoded(scene(1, 90), "JPEG"), copies=1),
        ],
    )


def answer(client: FlaskClient, asked: str) -> Any:
    return client.get(f"/api/v1/search?q=red&target=caption&{asked}").json


def ids(answer: Any) -> list[int]:
    return [hit["id"] for hit in answer["hits"]]


def test_copies_are_one_hit_that_says_how_many_it_stands_for(client: FlaskClient) -> None:
    found = answer(client, "")
    assert (ids(found), found["total"], found["next_offset"]) == ([APPLE, CHERRY], 2, None)
    assert [hit["duplicates"] for hit in found["hits"]] == [2, 0]


def test_without_collapsing_each_is_a_hit(client: FlaskClient) -> None:
    found = answer(client, "collapse=none")
    assert (ids(found), found["total"]) == ([APPLE, COPY, SMALL, CHERRY], 4)
    assert [hit["duplicates"] for hit in found["hits"]] == [0, 0, 1, 0]


@pytest.mark.parametrize("more", ["", "&relevance=any", "&sort=oldest"])
def test_pages_neither_repeat_nor_lose_a_hit(client: FlaskClient, more: str) -> None:
    pages = [answer(client, f"limit=1&offset={n}{more}") for n in range(3)]
    assert [ids(page) for page in pages] == [[APPLE], [CHERRY], []]
    assert {page["total"] for page in pages} == {2}


def test_only_what_passes_the_filters_is_folded(client: FlaskClient) -> None:
    found = answer(client, "format=jpg")
    assert (ids(found), [hit["duplicates"] for hit in found["hits"]]) == ([COPY, CHERRY], [1, 0])


def test_facets_count_hits(client: FlaskClient) -> None:
    (facet,) = answer(client, "facets=format")["facets"]
    assert {one["value"]: one["count"] for one in facet["values"]} == {"PNG": 1, "JPEG": 1}
    counted = client.get("/api/v1/facets?q=red&target=caption&name=format").json["facets"]
    assert counted == [facet]


@pytest.mark.parametrize(
    "asked",
    [
        "q=format:jpg",
        "q=collection:default",
        "q=red&relevance=any",
        'q="apple"&relevance=any',
        "q=red",
    ],
)
def test_facets_count_as_searches_do(client: FlaskClient, asked: str) -> None:
    for target in ("", "&target=caption"):
        found = client.get(f"/api/v1/search?{asked}{target}&limit=1&facets=collection").json
        (facet,) = client.get(f"/api/v1/facets?{asked}{target}&name=collection").json["facets"]
        assert found["facets"] == [facet]
        assert sum(one["count"] for one in facet["values"]) == found["total"]


def test_a_tile_shows_for_how_many_more_it_stands(client: FlaskClient) -> None:
    page = client.get("/?q=red&target=caption").text
    assert '<p class="copies">+2</p>' in page
    assert page.count('class="card') == 2
    assert client.get("/?q=red&target=caption&collapse=none").text.count('class="card') == 4
