from __future__ import annotations

from pathlib import Path

import pytest

from indexer.feeds.reading import read
from sample.shop import PRODUCTS, draw_shop
from search.jobs import FeedOptions


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_shop(tmp_path_factory.mktemp("shop") / "photos")


def test_sixty_products_with_variants_prices_and_stock(feed: Path) -> None:
    found = read(feed, FeedOptions())
    products = [entry.product for entry in found.entries]
    assert (len(products), found.faults) == (PRODUCTS, [])
    groups = {product.group for product in products if product.group}
    assert "t-shirt" in groups
    assert 5 < len(groups) < 20
    assert all(product.price and product.currency == "EUR" for product in products)
    assert 5 < sum(product.availability == "out_of_stock" for product in products) < 20
