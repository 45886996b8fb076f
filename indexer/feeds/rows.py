"""A row of any feed, before it is understood, and what is said of one that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search.errors import PomonaError


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one product by the names of their columns; a column may have
    several, or none."""

    line: int  # of the file, from 1; of a workbook its row
    cells: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row, or one picture of it, is not in the library; in words."""

    line: int
    why: str
    sku: str | None = None  # None: nobody knows which product this is
    ends: bool = False  # what follows in the file cannot be read either


class Figure(str):
    """A cell that its file has as a number: a point in it begins the fraction, always."""

    __slots__ = ()


class FeedError(PomonaError):
    """A feed as a whole cannot be read; the message says why, and what to do."""
