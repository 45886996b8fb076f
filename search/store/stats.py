"""What the library holds, in numbers."""

from __future__ import annotations

import functools

from sqlalchemy import Connection, Table, func, select

from ..records import Head, LibraryStats, PartKind
from ..schema import collection, encoder, failure, image, library, location, part

HEAD = select(library.c.revision, encoder.c.fingerprint).outerjoin(encoder)  # for each search


def head(connection: Connection) -> Head:
    return Head(*connection.execute(HEAD).one())


def of_library(connection: Connection) -> LibraryStats:
    count = functools.partial(_count, connection)
    head = connection.execute(
        select(library.c.revision, library.c.captioner, encoder.c.name).outerjoin(encoder)
    ).one()
    per = select(collection.c.name, func.count(image.c.id)).outerjoin(image)
    grouped = per.group_by(collection.c.id).order_by(collection.c.name)
    captioned = select(func.count(part.c.image_id.distinct())).where(
        part.c.kind == PartKind.CAPTION.value
    )
    return LibraryStats(
        images=count(image),
        locations=count(location),
        skipped=count(failure),
        captions=connection.scalar(captioned) or 0,
        collections={name: n for name, n in connection.execute(grouped)},
        model=head.name,
        captioner=head.captioner,
        revision=head.revision,
    )


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
