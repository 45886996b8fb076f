"""CSV and TSV: what spreadsheets and shop systems write, whatever stands between the cells.

A broken row costs that row: reading goes on at the next line, also where a quote is never closed.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .rows import Fault, FeedError, Row

DELIMITERS = ",;\t|"
LONGEST = 500  # lines of one row: a quote that is open for longer was never closed


class _Lines:
    """Lines for a csv.reader, which does not say where it is; no row may take too many."""

    def __init__(self, lines: Sequence[str], start: int) -> None:
        self._lines = lines
        self.place = self.began = start

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.place >= len(self._lines) or self.place - self.began > LONGEST:
            raise StopIteration
        self.place += 1
        return self._lines[self.place - 1]


def rows(path: Path, encoding: str) -> Iterator[Row | Fault]:
    """Raises FeedError for a file without a header."""
    with path.open(encoding=encoding, newline="") as file:
        lines = file.read().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [line + "\n" for line in lines]
    parsed = _parsed(lines, _delimiter(lines))
    header = next((cells for _, cells in parsed if isinstance(cells, list)), None)
    if header is None:
        raise FeedError(f"{path}: there is no line with the names of the columns")
    names = [name.strip() for name in header]
    for line, cells in parsed:
        yield Fault(line, cells) if isinstance(cells, str) else _row(line, names, cells)


def _row(line: int, names: Sequence[str], cells: Sequence[str]) -> Row | Fault:
    if any(cell.strip() for cell in cells[len(names) :]):
        return Fault(
            line,
            f"it has {len(cells)} cells and the first line {len(names)}: "
            "a cell with a separator in it needs quotes",
        )
    found: dict[str, tuple[str, ...]] = dict.fromkeys(filter(None, names), ())
    for name, cell in zip(names, cells, strict=False):
        if name and cell.strip():
            found[name] = (*found[name], cell.strip())
    return Row(line, found)


def _parsed(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Line number and cells, or what is wrong there; empty lines are none."""
    csv.field_size_limit(sys.maxsize)
    start = 1 if lines[0].lower().startswith("sep=") else 0  # for a spreadsheet program
    while start < len(lines):
        given = _Lines(lines, start)
        try:
            for cells in csv.reader(given, delimiter=delimiter, strict=True):
                if any(cell.strip() for cell in cells):
                    yield start + 1, cells
                start = given.began = given.place
            if start < len(lines):
                continue
            return
        except csv.Error as error:
            yield start + 1, _in_words(str(error))
            start += 1


def _in_words(error: str) -> str:
    if "unexpected end" in error:
        return "a quote is opened and never closed"
    if "expected after" in error:
        return 'there is text behind a closing quote; a quote inside a cell is written ""'
    return error


def _delimiter(lines: Sequence[str]) -> str:
    first = lines[1] if lines[0].lower().startswith("sep=") and lines[1:] else lines[0]
    return max(DELIMITERS, key=first.count)
