"""What one row says of a product: pure values, checked; a bad one says why in words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from search.products import (
    MAX_DESCRIPTION,
    MAX_SKU,
    MAX_TITLE,
    MAX_VALUE,
    Availability,
    Product,
)

from .columns import Columns, Field
from .rows import Fault, Figure, Row

MOST = 1e12  # of a price
MAX_ATTRIBUTES = 200  # values of one product
SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "元": "CNY", "₹": "INR", "₩": "KRW", "₽": "RUB"}
_AMOUNT = re.compile(r"\d[\d.,' \u00a0\u202f]*")
_STATES: Mapping[str, Availability] = {
    **dict.fromkeys(
        ("in_stock", "instock", "available", "yes", "true", "limited_availability", "有货"),
        Availability.IN_STOCK,
    ),
    **dict.fromkeys(
        (
            *("out_of_stock", "outofstock", "sold_out", "soldout", "no", "false", "discontinued"),
            *("unavailable", "无货", "缺货"),
        ),
        Availability.OUT_OF_STOCK,
    ),
    **dict.fromkeys(("preorder", "pre_order", "预售"), Availability.PREORDER),
    **dict.fromkeys(("backorder", "back_order", "available_for_order"), Availability.BACKORDER),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A product and the cells that name its pictures."""

    line: int
    product: Product
    images: tuple[str, ...]


class _BadCellError(Exception):
    """A cell that cannot be used; in words."""


def item_of(row: Row, columns: Columns) -> Item | Fault:
    """What the row means, or why it means nothing."""
    cells = columns.of(row.cells)
    sku = _one_line(" ".join(cells.get(Field.SKU, ())))
    if not sku:
        return Fault(row.line, "it has no SKU")
    if len(sku) > MAX_SKU:
        return Fault(row.line, f"its SKU has {len(sku):,} characters; the most is {MAX_SKU}")
    try:
        product = _product(sku, cells)
    except _BadCellError as bad:
        return Fault(row.line, str(bad), sku)
    if not cells.get(Field.IMAGE):
        return Fault(row.line, "it names no picture", sku)
    return Item(row.line, product, cells[Field.IMAGE])


def _product(sku: str, cells: Mapping[str, tuple[str, ...]]) -> Product:
    price, currency = _price(_first(cells, Field.PRICE))
    return Product(
        sku=sku,
        title=_one_line(_first(cells, Field.TITLE))[:MAX_TITLE],
        description=_clean(_first(cells, Field.DESCRIPTION))[:MAX_DESCRIPTION],
        group=_one_line(_first(cells, Field.GROUP))[:MAX_SKU] or None,
        price=price,
        currency=_currency(_first(cells, Field.CURRENCY)) or currency,
        availability=_availability(_first(cells, Field.AVAILABILITY)),
        url=_url(_first(cells, Field.URL)),
        attributes=_attributes(cells),
    )


def _first(cells: Mapping[str, tuple[str, ...]], field: Field) -> str:
    return cells.get(field, ("",))[0]


def _attributes(cells: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    others = sorted((name, values) for name, values in cells.items() if name not in set(Field))
    pairs = [(n, _one_line(v)[:MAX_VALUE]) for n, values in others for v in values]
    return tuple(dict.fromkeys(pair for pair in pairs if pair[1]))[:MAX_ATTRIBUTES]


def _price(cell: str) -> tuple[float | None, str | None]:
    """The amount, and the currency where the cell says it: `12.99 EUR`, `€ 1.299,00`."""
    if not cell:
        return None, None
    found = _AMOUNT.search(cell)
    rest = _AMOUNT.sub("", cell, count=1).strip(" .\u00a0")
    if not found or "-" in rest or any(c.isdigit() for c in rest):
        raise _BadCellError(f"its price {_quoted(cell)} is no amount")
    amount = float(found[0]) if isinstance(cell, Figure) else _number(found[0])
    if amount is None or not math.isfinite(amount) or amount > MOST:
        raise _BadCellError(f"its price {_quoted(cell)} is no amount")
    return amount, SYMBOLS.get(rest) or (rest.upper() if _is_code(rest) else None)


def _number(text: str) -> float | None:
    """Of comma and point the last one begins the fraction; one alone before exactly three digits
    does not, unless nothing but 0 stands in front."""
    digits = re.sub(r"[' \u00a0\u202f]", "", text).rstrip(".,")
    point, comma = digits.rfind("."), digits.rfind(",")
    if point >= 0 and comma >= 0:
        digits = digits.replace("," if point > comma else ".", "")
    elif re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits):
        digits = digits.replace(",", "").replace(".", "")
    elif digits.count(",") > 1:
        digits = digits.replace(",", "")
    elif digits.count(".") > 1:
        digits = digits.replace(".", "")
    try:
        return float(digits.replace(",", "."))
    except ValueError:
        return None


def _currency(cell: str) -> str | None:
    if not cell:
        return None
    if code := SYMBOLS.get(cell):
        return code
    if not _is_code(cell):
        raise _BadCellError(
            f"its currency {_quoted(cell)} is no code of three letters, such as EUR"
        )
    return cell.upper()


def _is_code(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha()


def _availability(cell: str) -> Availability | None:
    """A word, or how many there are."""
    if not cell:
        return None
    if re.fullmatch(r"-?\d+([.,]0+)?", cell):
        some = not cell.startswith("-") and any(c in "123456789" for c in cell)
        return Availability.IN_STOCK if some else Availability.OUT_OF_STOCK
    state = _STATES.get(re.sub(r"[\s-]+", "_", cell.strip().casefold()))
    if state is None:
        known = ", ".join(each.value for each in Availability)
        raise _BadCellError(
            f"its availability {_quoted(cell)} is not known; write a number or: {known}"
        )
    return state


def _url(cell: str) -> str | None:
    """Only what may safely become a link."""
    if not cell:
        return None
    if not re.match(r"(https?://|/)", cell, re.IGNORECASE) or re.search(r"\s", cell):
        raise _BadCellError(f"its link {_quoted(cell)} does not begin with https://, http:// or /")
    return cell


def _quoted(cell: str) -> str:
    shown = _one_line(cell)
    return repr(shown if len(shown) <= 40 else shown[:40] + "…")


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    """Without what is no character of a text: controls, halves of surrogates."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else " " for c in text if not "\ud800" <= c <= "\udfff"
    ).strip()
