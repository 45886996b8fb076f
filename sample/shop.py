"""A shop of the sample's things: sixty products with variants, prices and stock, and their feed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path, PurePosixPath
from zlib import crc32

from . import draw_collection
from .catalogue import SHOP, Sketch, catalogue

FEED = "catalogue.csv"
COLUMNS = ("sku", "item_group_id", "title", "image", "price", "currency", "stock")
ATTRIBUTES = ("category", "brand", "colour")
PRODUCTS = 60
BRANDS = ("Orchard", "Acme", "Northlight", "Plain & Sons")
COLOURS = {
    *("red", "green", "blue", "yellow", "white", "black", "brown", "beige", "pink", "purple"),
    *("orange", "striped", "dotted", "rimmed"),
}
_OTHERS = ("vehicles", "animals")  # of the sample, that no such shop sells


def draw_shop(folder: Path, seed: int = 0) -> Path:
    """Draw the pictures into `folder` and write their feed there; its path. What is there already
    is kept. Raises SettingsError as `draw_collection` does."""
    drawn = {path.with_suffix("").as_posix(): path for path in draw_collection(folder, seed, SHOP)}
    things = [_thing(sketch) for sketch in _sold()]
    several = {thing for thing, count in Counter(things).items() if count > 1}
    rows = []
    for number, (sketch, thing) in enumerate(zip(_sold(), things, strict=True), 1):
        stem = (folder / sketch.path).with_suffix("").as_posix()
        image = drawn[stem].relative_to(folder).as_posix()
        rows.append(_row(number, sketch, thing, image, thing if thing in several else ""))
    text = io.StringIO()
    writer = csv.DictWriter(text, (*COLUMNS, *ATTRIBUTES), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    feed = folder / FEED
    feed.write_text(text.getvalue(), encoding="utf-8")
    return feed


def _sold() -> list[Sketch]:
    of_shop = [sketch for sketch in catalogue() if sketch.setting == SHOP]
    return [each for each in of_shop if _folder(each) not in _OTHERS][:PRODUCTS]


def _row(number: int, sketch: Sketch, thing: str, image: str, group: str) -> dict[str, object]:
    chance = crc32(thing.encode())  # the same for all variants
    words = _words(sketch)
    return {
        "sku": f"{thing[:2].upper()}-{number:03}",
        "item_group_id": group,
        "title": " ".join(words).capitalize(),
        "image": image,
        "price": f"{4 + chance % 60 + 0.5 * (chance % 2):.2f}",
        "currency": "EUR",
        "stock": 0 if number % 6 == 0 else 1 + crc32(sketch.path.encode()) % 40,
        "category": _folder(sketch),
        "brand": BRANDS[chance % len(BRANDS)],
        "colour": next((word for word in words if word in COLOURS), ""),
    }


def _words(sketch: Sketch) -> list[str]:
    return [word for word in PurePosixPath(sketch.path).stem.split("-") if not word.isdigit()]


def _thing(sketch: Sketch) -> str:
    words = _words(sketch)
    return "-".join(word for word in words if word not in COLOURS) or "-".join(words)


def _folder(sketch: Sketch) -> str:
    return sketch.path.partition("/")[0].removesuffix(PurePosixPath(sketch.path).suffix)
