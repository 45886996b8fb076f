"""Judgements: which pictures a query should find, as people have said it.

A table (CSV, also with ; or tabs) or JSON lines with a `query`, a `file`, an `sku` or an `id`, and
a `grade` where some pictures answer better than others. What cannot be used is named by its line.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from search.errors import PomonaError
from search.query import MAX_TEXT

NAMES = {  # column -> what it may be called
    "query": ("query", "text", "q", "查询"),
    "file": ("file", "path", "image", "filename", "文件"),
    "sku": ("sku", "article", "货号"),
    "id": ("id", "image_id"),
    "grade": ("grade", "relevance", "gain", "等级"),
}
NAMED_BY = ("file", "sku", "id")  # columns that say what should be found


@dataclass(frozen=True, slots=True)
class Judged:
    """A query, and how well pictures answer it."""

    text: str
    gains: Mapping[int, float]  # image id -> grade; 0: looked at, and no answer
    same: Mapping[int, int] = field(default_factory=dict)  # further images of what one shows

    def answers(self, ids: Iterable[int]) -> tuple[int, ...]:
        """A ranking in which each product stands once, by the image that it was judged by."""
        return tuple(dict.fromkeys(self.same.get(id_, id_) for id_ in ids))

    @property
    def right(self) -> frozenset[int]:
        return frozenset(id_ for id_, gain in self.gains.items() if gain > 0)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A line that says nothing about this library."""

    line: int
    code: str  # "not_in_library" | "bad_line"
    detail: str


class Finder(Protocol):
    """Knows pictures by what people call them."""

    def find(self, kind: str, name: str) -> tuple[int, ...]:
        """`kind` is one of NAMED_BY; any of these images will do, the first one stands for them.

        Raises LookupError with the reason.
        """


def read_judgements(path: Path, finder: Finder) -> tuple[list[Judged], list[Unusable]]:
    """Queries with something to find, in the order of the table, and the lines that are of no use.

    Raises PomonaError for a file that has no such columns or is no text.
    """
    gains: dict[str, dict[int, float]] = {}
    same: dict[str, dict[int, int]] = {}
    unusable: list[Unusable] = []
    for line, row in _rows(path):
        try:
            text, (id_, *more), grade = _judgement(row, finder)
        except LookupError as error:
            unusable.append(Unusable(line, "not_in_library", str(error.args[0])))
        except ValueError as error:
            unusable.append(Unusable(line, "bad_line", str(error)))
        else:
            known = gains.setdefault(text, {})
            known[id_] = max(grade, known.get(id_, 0.0))
            same.setdefault(text, {}).update(dict.fromkeys(more, id_))
    judged = [Judged(text, found, same[text]) for text, found in gains.items()]
    return [one for one in judged if one.right], unusable


def _judgement(row: Mapping[str, Any], finder: Finder) -> tuple[str, tuple[int, ...], float]:
    text = str(row.get("query") or "").strip()
    if not text:
        raise ValueError("no query")
    if len(text) > MAX_TEXT:
        raise ValueError(f"a query of more than {MAX_TEXT} characters")
    named = [(kind, str(row[kind]).strip()) for kind in NAMED_BY if row.get(kind)]
    if not named:
        raise ValueError(f"{text!r} names no picture")
    return text, finder.find(*named[0]), _grade(row.get("grade"))


def _grade(value: Any) -> float:
    if value is None or value == "":
        return 1.0
    try:
        grade = float(value)
    except (TypeError, ValueError):
        grade = math.nan
    if not (math.isfinite(grade) and grade >= 0):
        raise ValueError(f"the grade {value!r} is no number from 0 up")
    return grade


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and row, by our own names of the columns."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise PomonaError(f"{path} is no UTF-8 text; save it as CSV in UTF-8") from None
    except OSError as error:
        raise PomonaError(f"{path}: {error.strerror}") from None
    lines = text.splitlines(keepends=True)
    return _json_rows(lines) if text.lstrip().startswith("{") else _csv_rows(path, lines)


def _json_rows(lines: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            yield number, {}
            continue
        named = _named(row)
        files = row.get(named.get("file", ""))
        for file in files if isinstance(files, list) else [files]:
            yield number, {kind: row[name] for kind, name in named.items()} | {"file": file}


def _csv_rows(path: Path, lines: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    head = lines[0] if lines else ""
    rows = csv.DictReader(lines, delimiter=max(",;\t", key=head.count), restkey="")
    named = _named(rows.fieldnames or ())
    if "query" not in named or not named.keys() & set(NAMED_BY):
        there = ", ".join(rows.fieldnames or ()) or "nothing"
        raise PomonaError(
            f"{path}: the first line must name the columns `query` and `file` (or `sku` or `id`), "
            f"and `grade` if you have grades; it has {there}"
        )
    for row in rows:
        yield rows.line_num, {kind: row.get(name) for kind, name in named.items()}


def _named(columns: Iterable[str]) -> dict[str, str]:
    """Our name of a column -> its name in the file."""
    lower = {str(column).strip().lower(): column for column in columns if column}
    found = {kind: next(filter(lower.get, names), None) for kind, names in NAMES.items()}
    return {kind: lower[name] for kind, name in found.items() if name}
