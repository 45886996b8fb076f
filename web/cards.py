"""Pictures as tiles, in sections by relevance."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from search.filters import BY_NAME
from search.products import Availability, Product
from search.records import Hit, ImageRecord, Relevance, Sort
from search.shapes.hits import reason_json, why
from search.shapes.pictures import Links
from search.shapes.values import path_text
from search.thumbnails import SIDE, WIDTHS

from .links import links, thumbnail

RATIOS = (50, 56, 62, 67, 75, 80, 90, 100, 110, 120, 133, 150, 167, 178, 200, 250)  # width/height


@dataclass(frozen=True, slots=True)
class Card:
    """One picture of a grid."""

    image: ImageRecord
    links: Links
    width: int  # px of the thumbnail
    height: int
    ratio: int  # width/height in hundredths, one of RATIOS
    folded: int = 0  # other pictures, nearly the same, that it stands for
    why: str = ""  # it is a hit, in words

    @property
    def name(self) -> str:
        return path_text(self.image.path or b"").rsplit("/", 1)[-1]

    @property
    def large(self) -> str:
        """Address of the widest thumbnail."""
        return thumbnail(self.image, max(WIDTHS))

    @property
    def words(self) -> str:
        """What stands for the picture where it cannot be seen."""
        title = self.image.product.title if self.image.product else ""
        return title or self.image.caption or self.name or f"image {self.image.id}"


def price_of(product: Product, language: str = "en") -> str:
    """With its currency, and whether it can be had where it cannot."""
    parts = []
    if product.price is not None:
        parts.append(f"{product.price:,.2f} {product.currency or ''}".strip())
    if product.availability not in (None, Availability.IN_STOCK):
        parts.append(BY_NAME["availability"].shown(product.availability, language))
    return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Section:
    relevance: str
    heading: str
    cards: Sequence[Card]


def nearest(hits: Sequence[Hit]) -> list[Section]:
    cards = [card_of_hit(hit) for hit in hits]
    return [Section(Relevance.NONE.value, "The nearest pictures", cards)] if cards else []


def sections(hits: Sequence[Hit], sort: Sort, picture: bytes | None = None) -> list[Section]:
    """By relevance where that is the order; else as they come. `picture` itself stands apart."""
    if picture is not None:
        content = hashlib.sha256(picture).hexdigest()
        same = [card_of_hit(hit) for hit in hits if hit.image.content_hash == content]
        if same:
            others = [hit for hit in hits if hit.image.content_hash != content]
            own = Section("same", "This picture is in the library", same)
            return [own, *sections(others, sort)]
    if sort is not Sort.RELEVANCE and hits:
        return [Section("all", "Matches", [card_of_hit(hit) for hit in hits])]
    found = []
    for relevance, heading in (
        (Relevance.STRONG, "Matches"),
        (Relevance.WEAK, "Weaker matches"),
        (Relevance.NONE, "Everything else"),
    ):
        cards = [card_of_hit(hit) for hit in hits if hit.relevance is relevance]
        if cards:
            found.append(Section(relevance.value, heading, cards))
    return found


def card_of_hit(hit: Hit) -> Card:
    return replace(
        card_of(hit.image, hit.folded), why=why([reason_json(one) for one in hit.reasons])
    )


def card_of(image: ImageRecord, folded: int = 0) -> Card:
    scale = min(1.0, SIDE / max(image.width, image.height, 1))
    ratio = image.width / max(image.height, 1)
    return Card(
        image=image,
        links=links(image),
        folded=folded,
        width=max(1, round(image.width * scale)),
        height=max(1, round(image.height * scale)),
        ratio=min(RATIOS, key=lambda step: abs(math.log(step / 100) - math.log(ratio or 1))),
    )
