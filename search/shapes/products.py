"""A product as JSON: in short, as a hit shows it, and with all that its feed says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ..products import Availability, Offer, ProductRecord
from ..products import Product as Told
from .values import Moment, OneOf, moment_text, shape

Stock = Annotated[str, OneOf.of(Availability)]


@shape
class Variant(TypedDict):
    sku: str
    title: str
    price: float | None
    currency: Annotated[str | None, Field(description="ISO 4217.")]
    availability: Stock | None
    url: str | None


@shape
class Offered(Variant):
    """What a hit is in the shop."""

    variants: Annotated[
        list[Variant], Field(description="All products of its group, itself among them.")
    ]


@shape
class Product(Offered):
    collection: str
    group: str | None
    description: str
    attributes: Annotated[
        dict[str, list[str]], Field(description="What its feed has in other columns.")
    ]
    images: Annotated[list[int], Field(description="Ids of what shows it, the first one first.")]
    added_at: Moment


def offer_json(offer: Offer) -> Offered:
    return {**_variant_json(offer.product), "variants": list(map(_variant_json, offer.variants))}


def product_json(record: ProductRecord, variants: Sequence[Told]) -> Product:
    attributes: dict[str, list[str]] = {}
    for name, value in record.product.attributes:
        attributes.setdefault(name, []).append(value)
    return {
        **offer_json(Offer(record.product, tuple(variants))),
        "collection": record.collection,
        "group": record.product.group,
        "description": record.product.description,
        "attributes": attributes,
        "images": list(record.images),
        "added_at": moment_text(record.added_at),
    }


def _variant_json(product: Told) -> Variant:
    return {
        "sku": product.sku,
        "title": product.title,
        "price": product.price,
        "currency": product.currency,
        "availability": product.availability and product.availability.value,
        "url": product.url,
    }
