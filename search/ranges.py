"""A range of numbers, and how people and programs write one: `<30`, `10..30`, {"lt": 30}."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

BOUNDS = ("gte", "gt", "lt", "lte")
WRONG = "must be such as <30, >=10, 10..30 or 25"
_SIGNS = {">=": "gte", "≥": "gte", ">": "gt", "<": "lt", "<=": "lte", "≤": "lte"}
_NUMBER = r"\d{1,15}(?:\.\d{1,15})?"
_SIGNED = re.compile(rf"(>=|<=|≥|≤|>|<)\s*({_NUMBER})")
_BETWEEN = re.compile(rf"({_NUMBER})?\s*(?:\.\.|-|–)\s*({_NUMBER})?")


@dataclass(frozen=True, slots=True)
class Range:
    """All numbers that lie within the bounds that are given; one is."""

    gte: float | None = None
    gt: float | None = None
    lt: float | None = None
    lte: float | None = None

    def holds(self, number: float) -> bool:
        low = number >= self.low if self.gt is None else number > self.low
        return low and (number <= self.high if self.lt is None else number < self.high)

    @property
    def low(self) -> float:
        return self.gt if self.gt is not None else self.gte if self.gte is not None else -inf

    @property
    def high(self) -> float:
        return self.lt if self.lt is not None else self.lte if self.lte is not None else inf

    def __str__(self) -> str:
        """As it can be read again."""
        if self.gte is not None and self.lte is not None:
            return (
                plain(self.gte) if self.gte == self.lte else f"{plain(self.gte)}..{plain(self.lte)}"
            )
        signs = {name: sign for sign, name in _SIGNS.items() if sign.isascii()}
        said = [f"{signs[n]}{plain(v)}" for n in BOUNDS if (v := getattr(self, n)) is not None]
        return " ".join(said)


def range_of(given: Any) -> Range:
    """Raises ValueError, in words for programs."""
    if isinstance(given, Range):
        return given
    if isinstance(given, Mapping):
        return _checked(**{name: _number(value) for name, value in given.items()})
    if isinstance(given, int | float) and not isinstance(given, bool):
        return _checked(gte=_number(given), lte=_number(given))
    text = str(given).strip()
    if re.fullmatch(_NUMBER, text):
        return Range(gte=float(text), lte=float(text))
    if (found := _BETWEEN.fullmatch(text)) and any(found.groups()):
        low, high = (float(part) if part else None for part in found.groups())
        return _checked(gte=low, lte=high)
    bounds = {_SIGNS[sign]: float(number) for sign, number in _SIGNED.findall(text)}
    if bounds and not _SIGNED.sub("", text).strip(" ,"):
        return _checked(**bounds)
    raise ValueError(WRONG)


def plain(number: float) -> str:
    """Without an exponent, and without a fraction of zero."""
    return f"{number:.15f}".rstrip("0").rstrip(".")


def _checked(**bounds: float | None) -> Range:
    names = {name for name, value in bounds.items() if value is not None}
    if not names or not names <= set(BOUNDS) or {"gt", "gte"} <= names or {"lt", "lte"} <= names:
        raise ValueError("must have a lower bound (gt or gte), an upper one (lt or lte), or both")
    found = Range(**bounds)
    if found.low > found.high:
        raise ValueError("must have a lower bound that is not above the upper one")
    return found


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError("must have numbers as its bounds")
    return float(value)
