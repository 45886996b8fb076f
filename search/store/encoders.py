"""Which model the vectors of a library are of, and those of other models beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, select, update

from ..errors import ModelMismatchError, NotFoundError
from ..models import is_folder, may_be_one
from ..records import EncoderInfo
from ..schema import embedding, encoder, image, library
from .database import Database


@dataclass(frozen=True, slots=True)
class Encoders:
    """The models that have seen the library's pictures."""

    _database: Database

    def current(self) -> EncoderInfo | None:
        """The encoder whose vectors this library searches; None before the first `add`."""
        query = select(encoder.c.name, encoder.c.dim, encoder.c.fingerprint).join(
            library, library.c.encoder_id == encoder.c.id
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else EncoderInfo(*row)

    def coming(self, since: int) -> EncoderInfo | None:
        """Another encoder than the library's, of which there are vectors younger than `since`: a
        `reindex` is making them. Of several the one that was at it last. None: there is none."""
        own = select(library.c.encoder_id).scalar_subquery()
        youngest = select(func.max(embedding.c.revision)).where(
            embedding.c.encoder_id == encoder.c.id,
            embedding.c.revision > since,
            embedding.c.vector.is_not(None),  # what is removed goes from all of them
        )
        last = youngest.scalar_subquery()
        query = select(encoder.c.name, encoder.c.dim, encoder.c.fingerprint)
        with self._database.reading() as connection:
            others = query.where(encoder.c.id != own, last.is_not(None))
            row = connection.execute(others.order_by(last.desc())).first()
        return None if row is None else EncoderInfo(*row)

    def others(self) -> list[tuple[EncoderInfo, int]]:
        """Other encoders than the library's whose vectors it still has, or has already: each with
        the number of images that it has seen, most first."""
        own = select(library.c.encoder_id).scalar_subquery()
        seen = func.count(embedding.c.image_id.distinct())
        query = (
            select(encoder.c.name, encoder.c.dim, encoder.c.fingerprint, seen)
            .join(embedding, embedding.c.encoder_id == encoder.c.id)
            .where(embedding.c.vector.is_not(None), encoder.c.id != own)
            .group_by(encoder.c.id, encoder.c.name, encoder.c.dim, encoder.c.fingerprint)
            .order_by(seen.desc(), encoder.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [(EncoderInfo(name, dim, print_), count) for name, dim, print_, count in rows]

    def check(self, info: EncoderInfo) -> None:
        """Raises ModelMismatchError if the library's vectors are of another encoder."""
        bound = self.current()
        if bound and bound.fingerprint != info.fingerprint:
            raise ModelMismatchError(_other_model(bound.name, info.name))

    def check_name(self, asked: str) -> None:
        """Raises ModelMismatchError if what has this name cannot be the library's encoder."""
        bound = self.current()
        if bound and not may_be_one(bound.name, asked):
            raise ModelMismatchError(_other_model(bound.name, asked))

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
            values: dict[str, Any] = {"encoder_id": id_of_encoder(connection, info)}
            if captioner is not None:
                values["captioner"] = captioner
            connection.execute(update(library).values(**values))

    def switch(self, info: EncoderInfo, captioner: str | None) -> None:
        """Search by this encoder from now on, whatever the library had before.

        `captioner` None: nobody wrote new captions, so it stays who wrote those that are there.
        """
        with self._database.changing() as (connection, _):
            values: dict[str, Any] = {"encoder_id": id_of_encoder(connection, info)}
            if captioner is not None:
                values["captioner"] = captioner
            connection.execute(update(library).values(**values))

    def forget(self, name: str) -> int:
        """Delete the vectors of every encoder of that name but the library's own; how many.

        That images are gone is kept, for followers to hear of.

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
            for id_ in old:
                _hand_on(connection, id_, bound)
            gone = connection.execute(delete(embedding).where(embedding.c.encoder_id.in_(old)))
            connection.execute(delete(encoder).where(encoder.c.id.in_(old)))
        return int(gone.rowcount)


def id_of_encoder(connection: Connection, info: EncoderInfo) -> int:
    """The encoder's row, made if need be."""
    known: int | None = connection.scalar(
        select(encoder.c.id).where(encoder.c.fingerprint == info.fingerprint)
    )
    if known is not None:
        return known
    made = insert(encoder).values(name=info.name, dim=info.dim, fingerprint=info.fingerprint)
    return int(connection.execute(made.returning(encoder.c.id)).scalar_one())


def _hand_on(connection: Connection, old: int, bound: int | None) -> None:
    """Tombstones of images that are gone, where the library's encoder has none of the same part,
    are its own from now on."""
    if bound is None:
        return
    kept = embedding.alias()
    known = exists().where(kept.c.part_id == embedding.c.part_id, kept.c.encoder_id == bound)
    lone = and_(
        embedding.c.encoder_id == old,
        embedding.c.vector.is_(None),
        embedding.c.image_id.not_in(select(image.c.id)),
    )
    connection.execute(update(embedding).where(lone, ~known).values(encoder_id=bound))


def _rename(connection: Connection, info: EncoderInfo) -> None:
    """The encoder of that fingerprint; where it writes the captions too, so does the captioner."""
    same = encoder.c.fingerprint == info.fingerprint
    old = select(encoder.c.name).where(same).scalar_subquery()
    writes = update(library).where(library.c.captioner == old)
    connection.execute(writes.values(captioner=info.name))
    connection.execute(update(encoder).where(same).values(name=info.name))


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
