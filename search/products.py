"""What a shop sells, as immutable values: a product is a row of its feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NAMESPACE = "product:"  # before the names of facts that a feed tells of an image
FAMILY = ".family"  # the fact that says `Product.family`; no column can be called so
MAX_SKU = 100  # characters
MAX_NAME = 31  # of an attribute; with the namespace no longer than a fact's name may be
MAX_VALUE = 200  # of an attribute's value
MAX_TITLE, MAX_DESCRIPTION = 500, 10_000


class Availability(StrEnum):
    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    PREORDER = "preorder"
    BACKORDER = "backorder"


@dataclass(frozen=True, slots=True)
class Product:
    """One article with a number of its own: a red shirt in size M."""

    sku: str
    title: str = ""
    description: str = ""
    group: str | None = None  # what variants of one thing have in common
    price: float | None = None
    currency: str | None = None  # ISO 4217
    availability: Availability | None = None
    url: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()  # name and value; of one name there may be several

    @property
    def family(self) -> str:
        """The same for all variants of one thing: they are one hit."""
        return f"group {self.group}" if self.group else f"sku {self.sku}"


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product of the library, and the images that show it, the first one first."""

    id: int
    collection: str
    product: Product
    images: tuple[int, ...]
    added_at: datetime


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A feed that was imported, and how it is read."""

    collection: str
    path: bytes  # absolute
    options: str  # JSON
    skus: frozenset[str]  # of the products that it was the last one to name


@dataclass(frozen=True, slots=True)
class Offer:
    """What a hit is in the shop: a product, and all variants of it, itself among them."""

    product: Product
    variants: tuple[Product, ...]


def fact(name: str) -> str:
    """By which name a fact of an image is known that a feed tells."""
    return NAMESPACE + name
