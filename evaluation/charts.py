"""Charts as SVG inside a page: they take its colours, and are legible on a phone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from .retrieval import Value

WIDTH = 360  # of every chart, in its own units: about the px of a phone
LABEL, NUMBER = 112, 52  # room left and right of a row
ROW = 22

Scale = Callable[[float], float]  # a value -> where it is drawn


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: a value from 0 to `most` and how certain it is."""

    label: str
    colour: int  # number of a colour of the page
    value: Value


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    colour: int
    points: Sequence[tuple[float, float]]  # x from 1 up, y from 0 to 1


def bars(title: str, rows: Sequence[Bar], most: float = 1.0, form: str = "{:.2f}") -> str:
    """A bar a row, a whisker for its interval, and the number."""
    height = ROW * len(rows) + 4
    drawn = "".join(_bar(row, ROW * place, most, form) for place, row in enumerate(rows))
    return _svg(title, height, drawn)


def curves(title: str, lines: Sequence[Line], most: float) -> str:
    """Shares from 0 to 1 over ranks from 1 to `most`, which stand closer the further they are."""
    left, right, top, bottom = 34.0, WIDTH - 10.0, 8.0, 168.0

    def x(rank: float) -> float:
        return left + (right - left) * math.log(rank) / math.log(most)

    def y(share: float) -> float:
        return bottom - (bottom - top) * share

    grid = "".join(
        f'<path class="grid" d="M{left} {y(share):.1f}H{right}"/>'
        f'<text x="{left - 5}" y="{y(share) + 4:.1f}" text-anchor="end">{share:.0%}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    ) + "".join(
        f'<text x="{x(rank):.1f}" y="{bottom + 15}" text-anchor="middle">{rank}</text>'
        for rank in (1, 2, 5, 10, 20, 50, 100, 200)
        if rank <= most
    )
    drawn = "".join(_curve(line, x, y) for line in lines)
    return _svg(title, bottom + 20, grid + drawn)


def _bar(row: Bar, top: float, most: float, form: str) -> str:
    room = WIDTH - LABEL - NUMBER

    def at(value: float) -> float:
        return LABEL + room * min(max(value / most, 0.0), 1.0)

    middle, value = top + ROW / 2, row.value
    whisker = (
        f'<path class="whisker" d="M{at(value.low):.1f} {middle}H{at(value.high):.1f}'
        f'M{at(value.low):.1f} {middle - 3}v6M{at(value.high):.1f} {middle - 3}v6"/>'
        if value.low < value.high
        else ""
    )
    return (
        f'<text x="{LABEL - 6}" y="{middle + 4}" text-anchor="end">{escape(row.label)}</text>'
        f'<rect class="c{row.colour}" x="{LABEL}" y="{top + 4}" rx="2" '
        f'width="{at(value.mean) - LABEL:.1f}" height="{ROW - 8}"/>{whisker}'
        f'<text x="{WIDTH}" y="{middle + 4}" text-anchor="end">{form.format(value.mean)}</text>'
    )


def _curve(line: Line, x: Scale, y: Scale) -> str:
    path = " ".join(f"{x(rank):.1f},{y(share):.1f}" for rank, share in line.points)
    return f'<polyline class="line l{line.colour}" points="{path}"/>'


def _svg(title: str, height: float, drawn: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
        f"{drawn}</svg>"
    )
