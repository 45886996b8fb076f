"""Filters, orders and pages as SQL conditions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from ..records import Filters, Orientation, Sort
from ..schema import collection, image, location, root
from ..signatures import format_named
from .rows import seconds

Cursor = tuple[int, int]  # (sort key, image id) of the last row of a page


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """One condition for each kind of filter; several values of a kind: any of them."""
    wanted: list[ColumnElement[bool]] = []
    if filters.collections:
        named = select(collection.c.id).where(collection.c.name.in_(filters.collections))
        wanted.append(image.c.collection_id.in_(named))
    if filters.folders:
        wanted.append(
            image.c.id.in_(
                select(location.c.image_id).where(or_(*map(_in_folder, filters.folders)))
            )
        )
    if filters.taken_after:
        wanted.append(image.c.taken_at >= seconds(filters.taken_after))
    if filters.taken_before:
        wanted.append(image.c.taken_at < seconds(filters.taken_before))
    if filters.orientations:
        wanted.append(or_(*(_oriented(value) for value in filters.orientations)))
    if filters.formats:
        formats = [format_named(name) or name for name in filters.formats]
        wanted.append(image.c.format.in_(formats))
    return wanted


def _in_folder(folder: str) -> ColumnElement[bool]:
    """Below `folder` of any root; with a "/" in front also below that folder of the disk."""
    relative = below(location.c.path, os.fsencode(folder.strip("/")))
    if not folder.startswith("/"):
        return relative
    return or_(relative, *_on_disk(os.fsencode(folder.rstrip("/"))))


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


def _oriented(value: Orientation) -> ColumnElement[bool]:
    if value is Orientation.LANDSCAPE:
        return image.c.width > image.c.height
    if value is Orientation.PORTRAIT:
        return image.c.width < image.c.height
    return image.c.width == image.c.height


def sort_key(sort: Sort) -> tuple[ColumnElement[Any], bool]:
    """The column to sort by, and whether the smallest comes first."""
    if sort is Sort.RELEVANCE:
        return image.c.id, True
    return func.coalesce(image.c.taken_at, image.c.added_at), sort is Sort.OLDEST


def beyond(key: ColumnElement[Any], after: Cursor, ascending: bool) -> ColumnElement[bool]:
    further = key > after[0] if ascending else key < after[0]
    return or_(further, and_(key == after[0], image.c.id > after[1]))
