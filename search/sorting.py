"""The orders in which images come: one entry of ORDERS is all that the program knows of an order.

Where the key is a new one, its column is in `store/filtering.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .filters import Phrase


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    PRICE = "price"
    PRICE_DESC = "price_desc"


class Key(StrEnum):
    """What images are ordered by, equal ones by id."""

    ID = "id"
    DATE = "date"  # when it was taken, else added
    LOWEST = "lowest"  # price of what it shows; what has none comes last
    HIGHEST = "highest"  # likewise


@dataclass(frozen=True, slots=True)
class Order:
    key: Key
    ascending: bool
    label: Phrase  # in a list of orders
    heading: str  # over the pictures of a library in this order


ORDERS: Mapping[Sort, Order] = {
    # without a question there is nothing to be relevant to
    Sort.RELEVANCE: Order(Key.ID, True, Phrase("Best match first", "最相关优先"), "Pictures"),
    Sort.NEWEST: Order(Key.DATE, False, Phrase("Newest first", "最新优先"), "Newest pictures"),
    Sort.OLDEST: Order(Key.DATE, True, Phrase("Oldest first", "最早优先"), "Oldest pictures"),
    Sort.PRICE: Order(Key.LOWEST, True, Phrase("Cheapest first", "价格从低到高"), "Cheapest first"),
    Sort.PRICE_DESC: Order(
        Key.HIGHEST, False, Phrase("Dearest first", "价格从高到低"), "Dearest first"
    ),
}
