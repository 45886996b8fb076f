"""Filters, orders and pages as SQL conditions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import singledispatch
from math import inf
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, case, cast, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from ..filters import (
    COLLECTION,
    ORIENTATION,
    Amount,
    Before,
    Below,
    Between,
    Column,
    Dated,
    Fact,
    Filter,
    Filters,
    From,
    Having,
    OneOf,
    Orientation,
    Pair,
    relative,
)
from ..products import fact
from ..ranges import Range
from ..schema import attribute, collection, image, location, root
from ..sorting import Key
from .dates import utc_date
from .rows import seconds

Cursor = tuple[int, int]  # (sort key, image id) of the last row of a page


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """One condition for each filter."""
    return [clause(kind, values) for kind, values in filters.conditions()]


@singledispatch
def clause(kind: Filter, values: Sequence[Any]) -> ColumnElement[bool]:
    """What `kind.match` says, in SQL; one function for each kind of filter."""
    raise NotImplementedError(kind)


@clause.register
def _one_of(kind: OneOf, values: Sequence[str]) -> ColumnElement[bool]:
    if kind.column == COLLECTION:
        named = select(collection.c.id).where(collection.c.name.in_(values))
        return image.c.collection_id.in_(named)
    if isinstance(kind.column, Fact):
        same = attribute.c.name == kind.column.name, attribute.c.text.in_(values)
        return image.c.id.in_(select(attribute.c.image_id).where(*same))
    return column_of(kind.column).in_([str(value) for value in values])


@clause.register
def _from(kind: From, values: Sequence[datetime]) -> ColumnElement[bool]:
    return and_(*(column_of(kind.column) >= seconds(value) for value in values))


@clause.register
def _before(kind: Before, values: Sequence[datetime]) -> ColumnElement[bool]:
    return and_(*(column_of(kind.column) < seconds(value) for value in values))


@clause.register
def _between(kind: Between, values: Sequence[Range]) -> ColumnElement[bool]:
    return or_(*(_has(kind.column, *_within(each)) for each in values))


@clause.register
def _having(kind: Having, values: Sequence[Pair]) -> ColumnElement[bool]:
    given: dict[str, list[str]] = {}
    for name, value in values:
        given.setdefault(name, []).append(value)
    return and_(
        *(
            _has(
                kind.column(name),
                or_(
                    attribute.c.text.in_(given[name]),
                    Folded(attribute.c.text).in_(sorted(wanted)),
                ),
            )
            for name, wanted in kind.wanted(values).items()
        )
    )


class Folded(FunctionElement[str]):
    """As `filters.folded` does: ASCII alone, which is all that SQLite knows."""

    inherit_cache = True
    type = Text()


@compiles(Folded)
def _lower(element: Folded, compiler: SQLCompiler, **asked: Any) -> str:
    return f"lower({compiler.process(element.clauses, **asked)})"


@compiles(Folded, "postgresql")
def _lower_of_ascii(element: Folded, compiler: SQLCompiler, **asked: Any) -> str:
    return f'lower({compiler.process(element.clauses, **asked)} COLLATE "C")'


def _has(column: Column, *so: ColumnElement[bool]) -> ColumnElement[bool]:
    """The image has such a fact."""
    return image.c.id.in_(select(attribute.c.image_id).where(attribute.c.name == column.name, *so))


def _within(range_: Range) -> Iterator[ColumnElement[bool]]:
    number = attribute.c.number
    yield number.is_not(None)
    if range_.low > -inf:
        yield number >= range_.low if range_.gt is None else number > range_.low
    if range_.high < inf:
        yield number <= range_.high if range_.lt is None else number < range_.high


@clause.register
def _below(kind: Below, values: Sequence[str]) -> ColumnElement[bool]:
    return image.c.id.in_(select(location.c.image_id).where(or_(*map(_in_folder, values))))


def column_of(column: Column) -> ColumnElement[Any]:
    """Of the image's row, or computed from it; of a fact, its text."""
    if isinstance(column, Fact):
        return attribute.c.text
    if isinstance(column, Amount):
        return attribute.c.number
    if isinstance(column, Dated):
        return func.substr(utc_date(image.c[column.name]), 1, column.period.length)
    if column == ORIENTATION:
        return case(
            (image.c.width > image.c.height, Orientation.LANDSCAPE.value),
            (image.c.width < image.c.height, Orientation.PORTRAIT.value),
            else_=Orientation.SQUARE.value,
        )
    return image.c[column.name]


def known_values(column: Column) -> Select[tuple[str]]:
    """What the images have there, sorted; collections without images too."""
    value = collection.c.name if column == COLLECTION else column_of(column)
    named = [attribute.c.name == column.name] if isinstance(column, Fact) else []
    return select(value).where(value.is_not(None), *named).distinct().order_by(value)


def _in_folder(folder: str) -> ColumnElement[bool]:
    """Below `folder` of any root; with a "/" in front also below that folder of the disk."""
    inside = below(location.c.path, relative(folder))
    if not folder.startswith("/"):
        return inside
    return or_(inside, *_on_disk(os.fsencode(folder.rstrip("/"))))


def _on_disk(folder: bytes) -> Iterator[ColumnElement[bool]]:
    """In the roots that lie in an absolute folder all, in those above it what lies below it."""
    inside = or_(root.c.path == folder, below(root.c.path, folder))
    yield location.c.root_id.in_(select(root.c.id).where(inside))
    above, rest = folder, b""
    while above not in (b"", b"/"):
        above, name = os.path.split(above)
        rest = os.path.join(name, rest).rstrip(b"/")
        roots = select(root.c.id).where(root.c.path == above)
        yield and_(location.c.root_id.in_(roots), below(location.c.path, rest))


def below(column: ColumnElement[bytes], folder: bytes) -> ColumnElement[bool]:
    """Paths in a folder, by byte order: no pattern, so % and _ mean themselves."""
    start = folder.rstrip(b"/") + b"/"
    return and_(column >= start, column < start[:-1] + b"0")  # "0" is the byte after "/"


PRICE = fact("price")
UNITS = 10_000  # of a price in a key, which is a whole number
NO_PRICE = {Key.LOWEST: 1 << 62, Key.HIGHEST: -1}  # behind all others


def _price(key: Key) -> ColumnElement[Any]:
    best = func.min if key is Key.LOWEST else func.max
    whole = cast(func.round(best(attribute.c.number) * UNITS), BigInteger)
    mine = attribute.c.image_id == image.c.id, attribute.c.name == PRICE
    return func.coalesce(select(whole).where(*mine).scalar_subquery(), NO_PRICE[key])


KEYS: Mapping[Key, ColumnElement[Any]] = {
    Key.ID: image.c.id,
    Key.DATE: func.coalesce(image.c.taken_at, image.c.added_at),  # seconds since 1970
    Key.LOWEST: _price(Key.LOWEST),
    Key.HIGHEST: _price(Key.HIGHEST),
}


def beyond(key: ColumnElement[Any], after: Cursor, ascending: bool) -> ColumnElement[bool]:
    further = key > after[0] if ascending else key < after[0]
    return or_(further, and_(key == after[0], image.c.id > after[1]))
