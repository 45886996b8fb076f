"""Vectors as rows: half precision, with the revision at which they became visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Select, or_, select

from ..errors import LibraryDamagedError
from ..records import KINDS, Changes, EncoderInfo, NewImage, PartKind, Space
from ..schema import embedding, encoder, image, library, part
from .adding import put_evidence
from .database import Database
from .encoders import id_of_encoder
from .rows import STORED, chunks, vector_crc


@dataclass(frozen=True, slots=True)
class Vectors:
    """What the vector indexes follow."""

    _database: Database

    def changes(self, info: EncoderInfo, space: Space, since: int) -> Changes:
        """What followed `since`, and the revision that it leads to, from one snapshot.

        `since` 0 is everything. Raises LibraryDamagedError for a row that fails its checksum.
        """
        columns = embedding.c.part_id, embedding.c.image_id, embedding.c.vector, embedding.c.crc
        query = (
            select(*columns)
            .outerjoin(part, part.c.id == embedding.c.part_id)
            .where(embedding.c.encoder_id == _id_of(info).scalar_subquery())
            .where(or_(part.c.kind == KINDS[space].value, embedding.c.vector.is_(None)))
            .order_by(embedding.c.part_id)
        )
        if since:
            query = query.where(embedding.c.revision > since)
        with self._database.reading() as connection:
            head = connection.execute(select(library.c.revision)).scalar_one()
            rows = connection.execute(query).all()
        for part_id, image_id, vector, sum_ in rows:
            if vector is not None and sum_ != vector_crc(part_id, image_id, vector):
                raise LibraryDamagedError(
                    f"the {space.value} vector of image {image_id} does not match its checksum. "
                    "Run `indexer doctor --repair`, then `indexer sync`."
                )
        kept = [(id_, owner, vector) for id_, owner, vector, _ in rows if vector is not None]
        matrix = np.frombuffer(b"".join(vector for _, _, vector in kept), STORED)
        return Changes(
            revision=head,
            ids=np.array([id_ for id_, _, _ in kept], np.int64),
            owners=np.array([owner for _, owner, _ in kept], np.int64),
            vectors=matrix.reshape(-1, info.dim).astype(np.float32),
            removed=np.array([id_ for id_, _, vector, _ in rows if vector is None], np.int64),
        )

    def add(self, info: EncoderInfo, embedded: Sequence[tuple[int, NewImage]]) -> None:
        """(image id, what another encoder made of it), in one transaction; the rows stay."""
        with self._database.changing() as (connection, revision):
            encoder_id = id_of_encoder(connection, info)
            for some in chunks([id_ for id_, _ in embedded]):
                alive = set(connection.scalars(select(image.c.id).where(image.c.id.in_(some))))
                for id_, new in embedded:
                    if id_ in alive:
                        put_evidence(connection, encoder_id, revision, {id_: new})

    def missing(self, info: EncoderInfo, after: int = 0, limit: int | None = None) -> list[int]:
        """Ids beyond `after` of images that this encoder has not seen."""
        seen = _pictures_of(info).where(part.c.image_id == image.c.id)
        query = select(image.c.id).where(image.c.id > after, ~seen.exists())
        query = query.order_by(image.c.id).limit(limit)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def until(
        self, info: EncoderInfo, revision: int, after: int = 0, limit: int | None = None
    ) -> list[int]:
        """Ids beyond `after` of images whose image vector by this encoder is no younger than that
        revision."""
        old = embedding.c.revision <= revision, part.c.image_id > after
        query = _pictures_of(info).where(*old).order_by(part.c.image_id).limit(limit)
        with self._database.reading() as connection:
            return list(connection.scalars(query))


def _id_of(info: EncoderInfo) -> Select[int]:
    return select(encoder.c.id).where(encoder.c.fingerprint == info.fingerprint)


def _pictures_of(info: EncoderInfo) -> Select[int]:
    """Ids of the images whose picture has a vector of this encoder."""
    return (
        select(part.c.image_id)
        .join(embedding, embedding.c.part_id == part.c.id)
        .where(part.c.kind == PartKind.PICTURE.value, embedding.c.vector.is_not(None))
        .where(embedding.c.encoder_id == _id_of(info).scalar_subquery())
    )
