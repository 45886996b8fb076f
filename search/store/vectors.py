"""Vectors as rows: half precision, with the revision at which they became visible."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, insert, select, update

from ..errors import EncoderError, LibraryDamagedError, ModelMismatchError, NotFoundError
from ..models import is_folder, may_be_one
from ..records import Changes, EncoderInfo, Space, Vectors, are_unit
from ..schema import embedding, encoder, library
from .database import Database
from .rows import crc

STORED = np.dtype("<f2")


class VectorRows:
    """The part of the store that a vector index follows."""

    _database: Database

    def revision(self) -> int:
        with self._database.reading() as connection:
            return int(connection.execute(select(library.c.revision)).scalar_one())

    def changes(self, info: EncoderInfo, space: Space, since: int) -> Changes:
        """What followed `since`, and the revision that it leads to, from one snapshot.

        `since` 0 is everything. Raises LibraryDamagedError for a row that fails its checksum.
        """
        query = (
            select(embedding.c.image_id, embedding.c.vector, embedding.c.crc)
            .join(encoder, encoder.c.id == embedding.c.encoder_id)
            .where(encoder.c.fingerprint == info.fingerprint, embedding.c.space == space.value)
            .where(embedding.c.revision > since)
            .order_by(embedding.c.image_id)
        )
        with self._database.reading() as connection:
            head = connection.execute(select(library.c.revision)).scalar_one()
            rows = connection.execute(query).all()
        for image_id, vector, sum_ in rows:
            if vector is not None and sum_ != vector_crc(image_id, space.value, vector):
                raise LibraryDamagedError(
                    f"the {space.value} vector of image {image_id} does not match its checksum. "
                    "Run `indexer doctor --repair`, then `indexer sync`."
                )
        kept = [(id_, vector) for id_, vector, _ in rows if vector is not None]
        matrix = np.frombuffer(b"".join(vector for _, vector in kept), STORED)
        return Changes(
            revision=head,
            ids=np.array([id_ for id_, _ in kept], np.int64),
            vectors=matrix.reshape(-1, info.dim).astype(np.float32),
            removed=np.array([id_ for id_, vector, _ in rows if vector is None], np.int64),
        )

    def model(self) -> EncoderInfo | None:
        """The encoder whose vectors this library searches; None before the first `add`."""
        query = select(encoder.c.name, encoder.c.dim, encoder.c.fingerprint).join(
            library, library.c.encoder_id == encoder.c.id
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else EncoderInfo(*row)

    def check_name(self, asked: str) -> None:
        """Raises ModelMismatchError if what has this name cannot be the library's encoder."""
        bound = self.model()
        if bound and not may_be_one(bound.name, asked):
            raise ModelMismatchError(_other_model(bound.name, asked))

    def check_model(self, info: EncoderInfo) -> None:
        """Raises ModelMismatchError if the library's vectors are of another encoder."""
        bound = self.model()
        if bound and bound.fingerprint != info.fingerprint:
            raise ModelMismatchError(_other_model(bound.name, info.name))

    def bind(self, info: EncoderInfo, captioner: str | None) -> None:
        """Make this the library's encoder. Raises ModelMismatchError if it has another one."""
        with self._database.writing() as connection:
            bound = connection.execute(
                select(encoder.c.name, encoder.c.fingerprint).join(
                    library, library.c.encoder_id == encoder.c.id
                )
            ).one_or_none()
            if bound and bound.fingerprint != info.fingerprint:
                raise ModelMismatchError(_other_model(bound.name, info.name))
            if bound and bound.name != info.name and is_folder(bound.name):
                _rename(connection, info)
            values: dict[str, Any] = {"encoder_id": encoder_id(connection, info)}
            if captioner is not None:
                values["captioner"] = captioner
            connection.execute(update(library).values(**values))

    def switch(self, info: EncoderInfo, captioner: str | None) -> None:
        """Search by this encoder from now on, whatever the library had before.

        `captioner` None: nobody wrote new captions, so it stays who wrote those that are there.
        """
        with self._database.changing() as (connection, _):
            values: dict[str, Any] = {"encoder_id": encoder_id(connection, info)}
            if captioner is not None:
                values["captioner"] = captioner
            connection.execute(update(library).values(**values))

    def forget(self, name: str) -> int:
        """Delete the vectors of every encoder of that name but the library's own; how many.

        Raises NotFoundError if there are none.
        """
        with self._database.changing() as (connection, _):
            bound = connection.scalar(select(library.c.encoder_id))
            old = [
                id_
                for (id_,) in connection.execute(
                    select(encoder.c.id).where(encoder.c.name == name)
                ).all()
                if id_ != bound
            ]
            if not old:
                raise NotFoundError(f"no vectors of a model {name} that could be forgotten")
            gone = connection.execute(delete(embedding).where(embedding.c.encoder_id.in_(old)))
            connection.execute(delete(encoder).where(encoder.c.id.in_(old)))
        return int(gone.rowcount)


def _other_model(bound: str, asked: str) -> str:
    if bound == asked:
        return (
            f"this library's vectors were made by another version of {bound}, and vectors of two "
            "models never meet. A library changes its model by `indexer reindex --model "
            f"{asked}`."
        )
    return (
        f"this library's model is {bound}, not {asked}, and vectors of two models never meet. "
        f"A library changes its model by `indexer reindex --model {asked}`; "
        "or give --library another folder."
    )


def _rename(connection: Connection, info: EncoderInfo) -> None:
    """The encoder of that fingerprint; where it writes the captions too, so does the captioner."""
    same = encoder.c.fingerprint == info.fingerprint
    old = select(encoder.c.name).where(same).scalar_subquery()
    writes = update(library).where(library.c.captioner == old)
    connection.execute(writes.values(captioner=info.name))
    connection.execute(update(encoder).where(same).values(name=info.name))


def encoder_id(connection: Connection, info: EncoderInfo) -> int:
    """The encoder's row, made if need be."""
    known: int | None = connection.scalar(
        select(encoder.c.id).where(encoder.c.fingerprint == info.fingerprint)
    )
    if known is not None:
        return known
    made = insert(encoder).values(name=info.name, dim=info.dim, fingerprint=info.fingerprint)
    return int(connection.execute(made.returning(encoder.c.id)).scalar_one())


def vector_row(
    image_id: int, space: Space, towers: int, revision: int, vector: Vectors
) -> dict[str, Any]:
    """A row of the embedding table. Raises EncoderError for anything that is no unit vector."""
    if not are_unit(vector).all():
        length = float(np.linalg.norm(vector))
        raise EncoderError(f"image {image_id}: the {space.value} vector has length {length:.4f}")
    stored = np.asarray(vector, np.float32).astype(STORED).tobytes()
    return {
        "image_id": image_id,
        "space": space.value,
        "encoder_id": towers,
        "revision": revision,
        "vector": stored,
        "crc": vector_crc(image_id, space.value, stored),
    }


def vector_crc(image_id: int, space: str, stored: bytes) -> int:
    return crc(image_id, space, stored)
