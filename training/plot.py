"""A log of JSON lines as curves, one small chart a figure: an SVG, written without a library.

python -m training.plot RUN/tower.jsonl OUT.svg
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from .command import run

WIDTH, HEIGHT, MARGIN, COLUMNS = 300, 170, 34, 3  # of one chart
ACROSS = ("minutes", "min", "epoch")  # what the x axis may be
SKIPPED = (*ACROSS, "size", "seen", "epochs", "per_second")

Line = dict[str, Any]
Point = tuple[float, float]


def read_log(path: Path) -> list[Line]:
    """Lines in order; a second stage, which counts from 0 again, goes on to the right."""
    with path.open() as file:
        lines: list[Line] = [json.loads(line) for line in file if line.strip()]
    across = next((name for name in ACROSS if lines and name in lines[0]), ACROSS[0])
    offset = before = 0.0
    for line in lines:
        at = float(line.get(across, 0))
        offset += before if at < before else 0
        before = at
        line["x"] = offset + at
    return lines


def curves(lines: list[Line]) -> dict[str, list[Point]]:
    """Every figure of the log as (x, y), in the order in which they appear."""
    names = dict.fromkeys(name for line in lines for name in line if name not in (*SKIPPED, "x"))
    found = {
        name: [(line["x"], float(line[name])) for line in lines if _is_number(line.get(name))]
        for name in names
    }
    return {name: points for name, points in found.items() if points}


def draw(charts: dict[str, list[Point]]) -> str:
    """All charts side by side, three in a row, as one SVG."""
    rows = -(-len(charts) // COLUMNS)
    parts = [
        f'<g transform="translate({i % COLUMNS * WIDTH},{i // COLUMNS * HEIGHT})">'
        f"{_chart(name, points)}</g>"
        for i, (name, points) in enumerate(charts.items())
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * WIDTH}" '
        f'height="{rows * HEIGHT}" font-family="sans-serif" font-size="11">'
    )
    return head + '<rect width="100%" height="100%" fill="white"/>' + "".join(parts) + "</svg>\n"


def _chart(name: str, points: list[Point]) -> str:
    across, up = zip(*points, strict=True)
    right, low, high = max(max(across), 1e-9), min(up), max(up)
    spread = high - low or 1.0
    placed = " ".join(
        f"{MARGIN + x / right * (WIDTH - 2 * MARGIN):.1f},"
        f"{HEIGHT - MARGIN - (y - low) / spread * (HEIGHT - 2 * MARGIN):.1f}"
        for x, y in points
    )
    bottom, end = HEIGHT - MARGIN, WIDTH - MARGIN
    return (
        f'<text x="{MARGIN}" y="20" font-weight="bold">{escape(name)} {up[-1]:g}</text>'
        f'<path d="M{MARGIN} {MARGIN}V{bottom}H{end}" fill="none" stroke="#999"/>'
        f'<text x="2" y="{MARGIN + 4}">{high:.3g}</text><text x="2" y="{bottom}">{low:.3g}</text>'
        f'<text x="{end}" y="{HEIGHT - 18}" text-anchor="end">{right:g}</text>'
        f'<polyline points="{placed}" fill="none" stroke="#1f6fb2" stroke-width="1.8"/>'
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("svg", type=Path)
    chosen = parser.parse_args()
    chosen.svg.write_text(draw(curves(read_log(chosen.log))))


if __name__ == "__main__":
    run(main)
