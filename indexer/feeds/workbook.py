"""XLSX: the first sheet of a workbook, whose first row has the names of the columns."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from .rows import Fault, FeedError, Figure, Row

LARGEST = 1 << 30  # bytes, unpacked: a small file may hold as much as it likes


def rows(path: Path) -> Iterator[Row | Fault]:
    """Where it breaks off, its last element is a Fault. Raises FeedError for what is no workbook,
    or an empty one."""
    from openpyxl import load_workbook

    _check(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what it says of its size need not be true
    except Exception as error:  # whatever a damaged one makes the library raise
        raise FeedError(f"{path}: this workbook cannot be read. Save it as .csv.") from error
    try:
        lines = _lines(sheet)
        header = next(lines, None)
        if header is None:
            raise FeedError(f"{path}: its first sheet is empty")
        if isinstance(header, Fault):
            raise FeedError(f"{path}: {header.why}")
        names = list(map(_text, header[1]))
        for line in lines:
            yield line if isinstance(line, Fault) else _row(line[0], names, line[1])
    finally:
        book.close()


def _lines(sheet: Any) -> Iterator[tuple[int, Sequence[Any]] | Fault]:
    """Numbered from 1, without empty ones."""
    line = 0
    try:
        for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if any(map(_text, cells)):
                yield line, cells
    except Exception:  # whatever a damaged one makes the library raise
        yield Fault(line + 1, "the workbook cannot be read from here; save it as .csv", ends=True)


def _row(line: int, names: Sequence[str], cells: Sequence[Any]) -> Row:
    found: dict[str, tuple[str, ...]] = dict.fromkeys(filter(None, names), ())
    for name, cell in zip(names, cells, strict=False):
        if name and (text := _text(cell)):
            found[name] = (*found[name], text)
    return Row(line, found)


def _text(cell: Any) -> str:
    """As a person sees it: an article's number is no 1001.0."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, float):
        return Figure(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell).strip()


def _check(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(info.file_size for info in packed.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise FeedError(f"{path}: this is no workbook (.xlsx)") from error
    if size > LARGEST:
        raise FeedError(f"{path}: it unpacks to {size >> 20} MB; the most is {LARGEST >> 20} MB")
