"""Products over the API: one hit for all variants, and what looks like one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search.products import Availability, Product
from search.settings import Settings
from search.store import Store
from tests.pictures import jpeg
from web import create_app

from .library import Picture, WatchedEngine, make_library

RED, GREEN, BLUE, PLAIN = (200, 30, 30), (30, 200, 30), (20, 30, 200), (120, 120, 120)
PICTURES = [
    Picture("a red shirt", b"red.jpg", jpeg(RED)),
    Picture("a red shirt on a table", b"red2.jpg", jpeg((205, 30, 30))),
    Picture("a red mug", b"mug.jpg", jpeg((190, 30, 30))),
    Picture("a blue shirt", b"blue.jpg", jpeg(BLUE)),
    Picture("a red apple", b"album.jpg", jpeg((210, 30, 30))),
]


def _product(sku: str, group: str | None, price: float, stock: bool, kind: str) -> Product:
    has = Availability.IN_STOCK if stock else Availability.OUT_OF_STOCK
    attributes = (("brand", "Acme"), ("category", kind))
    return Product(sku, f"Title of {sku}", "", group, price, "EUR", has, None, attributes)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    library = make_library(Path(tmp_path_factory.mktemp("shop")), PICTURES)
    with Store.open(Settings(library=library)) as store:
        shirts = [
            (_product("R/1", "tee", 10, True, "shirt"), (1,)),
            (_product("R/2", "tee", 12, False, "shirt"), (2,)),
            (_product("M", None, 5, True, "mug"), (3,)),
            (_product("B", None, 30, True, "shirt"), (4,)),
        ]
        store.products.put("default", b"/feed.csv", "{}", shirts)
        namesake = (_product("R/1", None, 99, True, "shirt"), ())
        store.products.put("other", b"/other.csv", "{}", [namesake])
    engine = WatchedEngine(library)
    yield create_app(engine.settings, engine).test_client()
    engine.close()


def hits(client: FlaskClient, address: str) -> list[dict]:
    answer = client.get(f"/api/v1{address}")
    assert answer.status_code == 200, answer.text
    return answer.json["hits"]


def test_variants_of_one_thing_are_one_hit(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=red&relevance=any").json
    assert [hit["id"] for hit in answer["hits"]].count(1) + sum(
        hit["id"] == 2 for hit in answer["hits"]
    ) == 1
    assert answer["total"] == len(answer["hits"]) == 4
    product = next(hit["product"] for hit in answer["hits"] if hit["id"] in (1, 2))
    assert [each["sku"] for each in product["variants"]] == ["R/1", "R/2"]
    assert all("product" not in hit for hit in answer["hits"] if hit["id"] == 5)


def test_pages_of_collapsed_hits_neither_repeat_nor_lose_one(client: FlaskClient) -> None:
    pages = [hits(client, f"/search?q=red&relevance=any&limit=1&offset={n}") for n in range(5)]
    found = [hit["id"] for page in pages for hit in page]
    assert len(found) == len(set(found)) == 4


def test_filters_and_orders_of_products(client: FlaskClient) -> None:
    assert {hit["id"] for hit in hits(client, "/search?q=red&relevance=any&price=<11")} == {1, 3}
    every = hits(client, "/search?q=red&relevance=any&sort=price")
    assert [hit.get("product", {}).get("price") for hit in every] == [5, 10, 30, None]
    every = hits(client, "/search?q=red&relevance=any&sort=price_desc")
    assert [hit.get("product", {}).get("price") for hit in every] == [30, 12, 5, None]
    assert len(hits(client, "/search?q=brand:acme+red&relevance=any")) == 3
    asked = {"price": {"gte": 10, "lt": 30}, "attributes": {"brand": ["ACME"]}}
    body = {"query": {"text": "red"}, "relevance": "any", "filter": asked}
    answer = client.post("/api/v1/search", json=body)
    assert [hit["product"]["sku"] for hit in answer.json["hits"]] in (["R/1"], ["R/2"])
    wrong = client.post("/api/v1/search", json={**body, "filter": {"price": {"le": 10}}})
    assert wrong.status_code == 422


def test_a_product_is_found_by_its_number(client: FlaskClient) -> None:
    product = client.get("/api/v1/products/R/1").json
    assert (product["sku"], product["group"], product["images"]) == ("R/1", "tee", [1])
    assert product["attributes"] == {"brand": ["Acme"], "category": ["shirt"]}
    assert client.get("/api/v1/products/none").status_code == 404
    assert client.get("/api/v1/products/R/1?collection=other").json["price"] == 99
    assert client.get("/api/v1/products/R/1?collection=third").status_code == 404
    none = client.get("/api/v1/products/R/1/similar?collection=other")
    assert "no picture shows" in none.text


def test_products_are_listed_page_by_page(client: FlaskClient) -> None:
    first = client.get("/api/v1/products?limit=3").json
    rest = client.get(f"/api/v1/products?limit=3&cursor={first['next_cursor']}").json
    skus = [each["sku"] for page in (first, rest) for each in page["products"]]
    assert skus == ["R/1", "R/2", "M", "B", "R/1"]
    assert rest["next_cursor"] is None


def test_what_looks_like_a_product_is_of_its_kind_and_no_variant(client: FlaskClient) -> None:
    found = hits(client, "/products/R/1/similar")
    assert [hit["product"]["sku"] for hit in found] == ["B"]
    found = hits(client, "/products/R/1/similar?attributes=category:mug")
    assert [hit["product"]["sku"] for hit in found] == ["M"]


def test_the_page_shows_titles_and_prices_and_a_product_its_other_pictures(
    client: FlaskClient,
) -> None:
    page = client.get("/?q=red&price=<11").text
    assert "Title of R/1" in page
    assert "10.00 EUR" in page
    assert 'name="availability"' in page
    product = client.get("/images/1").text
    assert "R/1" in product
    assert "Other pictures and variants" in product
    assert "12.00 EUR · Out of stock" in product
