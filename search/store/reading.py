"""Rows -> image records, with places and captions, checked against their checksums."""

from __future__ import annotations

import os
from collections.abc import Sequence

from sqlalchemy import Connection, select

from ..records import FileStamp, ImageRecord, Location
from ..schema import collection, image
from ..schema import location as location_table
from ..schema import root as root_table
from .attributes import read_attributes
from .parts import read_captions
from .products import read_products
from .rows import IDS, damaged, image_crc, moment

_IMAGES = (
    select(image, collection.c.name.label("owner")).join(collection).where(image.c.id.in_(IDS))
)
_PLACES = (
    select(
        location_table.c.image_id,
        root_table.c.id,
        root_table.c.path,
        location_table.c.path,
        location_table.c.size,
        location_table.c.mtime_ns,
    )
    .join(root_table)
    .where(location_table.c.image_id.in_(IDS))
    .order_by(location_table.c.id)
)


def read(connection: Connection, wanted: Sequence[int]) -> dict[int, ImageRecord]:
    """Those of the images that exist, by id."""
    rows = connection.execute(_IMAGES, {"ids": wanted}).all()
    ids = [row.id for row in rows]
    places: dict[int, list[Location]] = {}
    for id_, root_id, base, path, size, mtime in connection.execute(_PLACES, {"ids": ids}):
        stamp = FileStamp(size, mtime)
        places.setdefault(id_, []).append(Location(root_id, path, os.path.join(base, path), stamp))
    captions = read_captions(connection, ids)
    facts = read_attributes(connection, ids)
    products = read_products(connection, ids)
    found = {}
    for row in rows:
        if row.crc != image_crc(row.content_hash, row.format, row.width, row.height, row.taken_at):
            raise damaged(row.id, "image")
        added = moment(row.added_at)
        if added is None:
            raise damaged(row.id, "image")
        found[row.id] = ImageRecord(
            id=row.id,
            collection=row.owner,
            content_hash=row.content_hash,
            format=row.format,
            width=row.width,
            height=row.height,
            taken_at=moment(row.taken_at),
            added_at=added,
            locations=tuple(places.get(row.id, ())),
            captions=captions.get(row.id, ()),
            attributes=facts.get(row.id, ()),
            products=products.get(row.id, ()),
        )
    return found
