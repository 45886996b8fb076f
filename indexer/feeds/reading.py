"""A feed's file -> products with their pictures, in whichever format it is."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from search.jobs import FeedOptions
from search.products import Product

from . import delimited, jsonlines, markup, workbook
from .columns import Columns
from .encoding import encoding_of
from .items import Item, item_of
from .pictures import Folder
from .rows import Fault, Row

DELIMITED = (".csv", ".tsv", ".tab")
JSON_LINES = (".jsonl", ".ndjson")
WORKBOOK, MARKUP = ".xlsx", ".xml"
EXTENSIONS = (*DELIMITED, *JSON_LINES, WORKBOOK, MARKUP)
FIRST = 200  # rows that tell which columns a feed without a header has


@dataclass(frozen=True, slots=True)
class Entry:
    """A product that can go in, and where its pictures lie."""

    line: int
    product: Product
    paths: tuple[bytes, ...]  # absolute
    missing: tuple[bytes, ...] = ()  # absolute patterns of those that are not there


@dataclass(slots=True)
class Feed:
    """All that a file says; every row is in one of the two lists, or in both where a picture of it
    is missing."""

    path: Path
    rows: int = 0
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    bad: int = 0  # rows that do not go in
    unknown: int = 0  # of these: nobody knows of which product they are
    skus: set[str] = field(default_factory=set)  # of all rows, bad ones too


def is_feed(path: bytes | str) -> bool:
    """By its name."""
    return os.fsdecode(path).lower().endswith(EXTENSIONS)


def read(path: Path, options: FeedOptions) -> Feed:
    """Raises FeedError where nothing of it can be used, and OSError."""
    columns = Columns(options.mapped)
    folder = Folder(os.path.dirname(os.path.abspath(path)), options.allow_outside)
    feed = Feed(path)
    seen: Counter[str] = Counter()
    for row in _checked(path, _rows(path, options.encoding), columns):
        feed.rows += 1
        item = row if isinstance(row, Fault) else item_of(row, columns)
        if isinstance(item, Item):
            seen[item.product.sku] += 1
            if seen[item.product.sku] > 1:
                item = Fault(item.line, "another row above has the same SKU", item.product.sku)
        _take(feed, item, folder)
    return feed


def _take(feed: Feed, item: Item | Fault, folder: Folder) -> None:
    if isinstance(item, Item):
        named = folder.named(item.images)
        sku = item.product.sku
        feed.skus.add(sku)
        feed.faults += [Fault(item.line, problem, sku) for problem in named.problems]
        if named.paths:
            feed.entries.append(Entry(item.line, item.product, named.paths, named.missing))
        else:
            feed.bad += 1
        return
    feed.faults.append(item)
    feed.bad += 1
    if item.sku is None:
        feed.unknown += 1
    else:
        feed.skus.add(item.sku)


def _rows(path: Path, encoding: str | None) -> Iterator[Row | Fault]:
    name = path.name.lower()
    if name.endswith(WORKBOOK):
        return workbook.rows(path)
    if name.endswith(MARKUP):
        return markup.rows(path, encoding and encoding_of(path, encoding))
    found = encoding_of(path, encoding)
    if name.endswith(JSON_LINES):
        return jsonlines.rows(path, found)
    return delimited.rows(path, found)


def _checked(path: Path, rows: Iterator[Row | Fault], columns: Columns) -> Iterator[Row | Fault]:
    """The first rows are looked at together: one of them alone need not have every column."""
    first: list[Row | Fault] = []
    for row in rows:
        first.append(row)
        if len(first) == FIRST:
            break
    names = {name: None for row in first if isinstance(row, Row) for name in row.cells}
    if names:
        columns.check(names, path)
    yield from first
    yield from rows
