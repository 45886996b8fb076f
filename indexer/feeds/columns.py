"""What the columns of feeds are called: one table, by which every format is understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from search.products import MAX_NAME

from .rows import FeedError


class Field(StrEnum):
    """What we know of a product by name; every other column is an attribute."""

    SKU = "sku"
    IMAGE = "image"
    TITLE = "title"
    DESCRIPTION = "description"
    GROUP = "group"
    PRICE = "price"
    CURRENCY = "currency"
    AVAILABILITY = "availability"
    URL = "url"


USUAL: Mapping[Field, tuple[str, ...]] = {
    Field.SKU: ("sku", "id", "product_id", "article", "article_number", "货号", "编号"),
    Field.IMAGE: (
        *("image", "images", "image_path", "image_file", "picture", "photo", "file"),
        *("image_link", "additional_image_link", "additional_image", "图片"),
    ),
    Field.TITLE: ("title", "name", "product_name", "标题", "名称"),
    Field.DESCRIPTION: ("description", "body", "描述"),
    Field.GROUP: ("item_group_id", "group", "group_id", "parent", "parent_sku"),
    Field.PRICE: ("price", "价格"),
    Field.CURRENCY: ("currency", "price_currency", "货币"),
    Field.AVAILABILITY: ("availability", "stock", "in_stock", "quantity", "库存"),
    Field.URL: ("url", "link", "product_url", "链接"),
}
_KNOWN = {name for names in USUAL.values() for name in names}
SEVERAL = frozenset({Field.IMAGE})  # all columns that mean it, not only the first


def called(column: str) -> str:
    """A column's name as we compare it: g:Image Link is image_link."""
    name = re.sub(r"^(g|c)[:_]", "", column.strip().casefold())
    return re.sub(r"\W+", "_", name).strip("_")


class Columns:
    """Which field or attribute each column of one feed is."""

    def __init__(self, mapped: Mapping[str, str] | None = None) -> None:
        """`mapped`: field or attribute -> column, as a person says it; it comes before the usual
        names."""
        self._mapped = {called(column): called(to) for to, column in (mapped or {}).items()}
        taken = set(self._mapped.values())
        self._usual = {
            name: field for field, names in USUAL.items() if field not in taken for name in names
        }

    def of(self, cells: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """The cells by the names of fields and attributes."""
        found: dict[str, tuple[str, ...]] = {}
        for column, values in sorted(cells.items(), key=self._rank):
            to = self._meaning(column)
            if to and values and (to not in found or to in SEVERAL):
                found[to] = (*found.get(to, ()), *values)
        return found

    def check(self, columns: Iterable[str], feed: object) -> None:
        """Raises FeedError where something is lacking that no row can do without."""
        there = list(columns)
        names = {called(column) for column in there}
        have = f"its columns are: {', '.join(there)}"
        for column, to in self._mapped.items():
            if column not in names:
                raise FeedError(f"{feed}: --map {to}={column}: there is no such column; {have}")
        for field in (Field.SKU, Field.IMAGE):
            if field not in map(self._meaning, there):
                raise FeedError(
                    f"{feed}: no column is called {field} or {USUAL[field][1]}; {have}. "
                    f"Name it with --map {field}=COLUMN."
                )

    def _meaning(self, column: str) -> str:
        name = called(column)
        if to := self._mapped.get(name) or self._usual.get(name):
            return to
        return "" if name in _KNOWN else name[:MAX_NAME]  # another column was named for that field

    def _rank(self, cell: tuple[str, object]) -> int:
        """Of several columns that mean the same, the better known one comes first."""
        name = called(cell[0])
        field = self._usual.get(name)
        return USUAL[field].index(name) if field else -1
