"""Is the catalogue whole? What `doctor` asks of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, delete, func, select, text

from ..records import Problem
from ..schema import attribute, caption, embedding, encoder, image, library, location
from ..thumbnails import Thumbnails
from .database import Database
from .discarding import removing
from .rows import (
    STORED,
    attribute_crc,
    chunks,
    crc,
    empty_vectors,
    image_crc,
    remove_images,
    vector_crc,
)


@dataclass(frozen=True, slots=True)
class Integrity:
    """Checks, and the repair that drops only what can be made again from the pictures."""

    _database: Database
    _thumbnails: Thumbnails

    def problems(self, *, deep: bool = False) -> Iterator[Problem]:
        """Everything wrong inside the catalogue; `deep` reads every row's checksum as well."""
        for fault in self._database.faults():
            yield Problem("database_damaged", fault)
        with self._database.reading() as connection:
            yield from _dangling(connection)
            yield from _unmatched(connection)
            if deep:
                yield from _damaged_images(connection)
                yield from _damaged_captions(connection)
                yield from _damaged_attributes(connection)
                yield from _damaged_vectors(connection)

    def repair(self, problems: list[Problem]) -> Counter[str]:
        """Drop what the problems name; `sync` makes it again. How many rows of each kind went.

        A picture that people have described keeps its row and their words as long as that row is
        sound: only its vectors go, and `reindex` makes them again.
        """
        with self._database.reading() as connection:
            if not any(_wanted(connection, problems)):
                return Counter()  # and no revision of its own
        with removing(self._database, self._thumbnails) as (connection, revision, contents):
            wanted = _wanted(connection, problems)
            before = _counted(connection)
            contents += remove_images(connection, wanted.images, revision).contents
            empty_vectors(connection, wanted.vectors, revision)
            for some in chunks(wanted.captions):
                _drop_damaged_captions(connection, some)
            for some in chunks(wanted.attributes):
                gone = attribute.c.image_id.in_(some)
                connection.execute(delete(attribute).where(gone))
            return before - _counted(connection)


class Wanted(NamedTuple):
    """What a repair drops, by the ids of the images."""

    images: list[int]
    vectors: list[int]  # of images that stay
    captions: list[int]  # those that are damaged
    attributes: list[int]  # of images that stay


WHOLE_IMAGE = {
    "image_damaged",
    "vector_damaged",
    "vector_missing",
    "location_missing",
    "attribute_damaged",
}  # the picture has to be read again


def _wanted(connection: Connection, problems: list[Problem]) -> Wanted:
    named = _of(problems, *WHOLE_IMAGE)
    kept = _described(connection, sorted(named)) - _of(problems, "image_damaged")
    vectors = _of(problems, "vector_damaged") & kept
    captions = _of(problems, "caption_damaged")
    attributes = _of(problems, "attribute_damaged") & kept
    return Wanted(sorted(named - kept), sorted(vectors), sorted(captions), sorted(attributes))


def _of(problems: list[Problem], *codes: str) -> set[int]:
    """The images that these problems are about."""
    return {p.image_id for p in problems if p.code in codes and p.image_id is not None}


def _described(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of `ids` that people have written captions for."""
    by_people = select(caption.c.image_id).where(caption.c.source == "human")
    return {
        id_
        for some in chunks(ids)
        for id_ in connection.scalars(by_people.where(caption.c.image_id.in_(some)))
    }


def _counted(connection: Connection) -> Counter[str]:
    """Images, live vectors, and captions by machines and by people."""
    by_people = caption.c.source == "human"
    counts = {
        "image": select(func.count()).select_from(image),
        "embedding": select(func.count(embedding.c.vector)),
        "attribute": select(func.count()).select_from(attribute),
        "caption": select(func.count()).select_from(caption).where(~by_people),
        "caption_by_people": select(func.count()).select_from(caption).where(by_people),
    }
    return Counter({kind: connection.scalar(count) or 0 for kind, count in counts.items()})


def _drop_damaged_captions(connection: Connection, ids: Sequence[int]) -> None:
    """Of several captions of an image only those that fail their checksum."""
    for row in connection.execute(select(caption).where(caption.c.image_id.in_(ids))).all():
        if row.crc != crc(row.source, row.language, row.text):
            connection.execute(
                delete(caption).where(
                    caption.c.image_id == row.image_id,
                    caption.c.source == row.source,
                    caption.c.language == row.language,
                )
            )


def _dangling(connection: Connection) -> Iterator[Problem]:
    if connection.dialect.name == "sqlite":
        for row in connection.execute(text("PRAGMA foreign_key_check")).all():
            yield Problem("dangling_row", f"table {row[0]}, row {row[1]} points to no {row[2]}")


def _unmatched(connection: Connection) -> Iterator[Problem]:
    """Images without a vector or a file, vectors without an image."""
    bound = select(library.c.encoder_id).scalar_subquery()
    has_vector = select(embedding.c.image_id).where(
        embedding.c.space == "image",
        embedding.c.vector.is_not(None),
        embedding.c.encoder_id == bound,
    )
    for id_ in connection.scalars(select(image.c.id).where(image.c.id.not_in(has_vector))):
        yield Problem("vector_missing", f"image {id_} has no vector", image_id=id_)
    placed = select(location.c.image_id)
    for id_ in connection.scalars(select(image.c.id).where(image.c.id.not_in(placed))):
        yield Problem("location_missing", f"image {id_} has no file", image_id=id_)
    dangling = select(embedding.c.image_id).where(
        embedding.c.vector.is_not(None), embedding.c.image_id.not_in(select(image.c.id))
    )
    for id_ in connection.scalars(dangling.distinct()):
        yield Problem("vector_damaged", f"a vector of no image {id_}", image_id=id_)


def _damaged_images(connection: Connection) -> Iterator[Problem]:
    for row in connection.execute(select(image)):
        if row.crc != image_crc(row.content_hash, row.format, row.width, row.height, row.taken_at):
            yield Problem("image_damaged", f"image {row.id}: checksum differs", image_id=row.id)


def _damaged_captions(connection: Connection) -> Iterator[Problem]:
    for row in connection.execute(select(caption)):
        if row.crc != crc(row.source, row.language, row.text):
            yield Problem(
                "caption_damaged", f"caption of image {row.image_id}: checksum differs",
                image_id=row.image_id,
            )  # fmt: skip


def _damaged_attributes(connection: Connection) -> Iterator[Problem]:
    for row in connection.execute(select(attribute)):
        if row.crc != attribute_crc(row.image_id, row.name, row.place, row.text, row.number):
            yield Problem(
                "attribute_damaged", f"{row.name} of image {row.image_id}: checksum differs",
                image_id=row.image_id,
            )  # fmt: skip


def _damaged_vectors(connection: Connection) -> Iterator[Problem]:
    rows = connection.execute(
        select(embedding, encoder.c.dim).join(encoder).where(embedding.c.vector.is_not(None))
    )
    for row in rows:
        if row.crc != vector_crc(row.image_id, row.space, row.vector):
            why = "checksum differs"
        elif len(row.vector) != row.dim * STORED.itemsize:
            why = "wrong length"
        else:
            norm = float(np.linalg.norm(np.frombuffer(row.vector, STORED).astype(np.float32)))
            why = "" if abs(norm - 1) < 1e-2 else f"length {norm:.3f}"
        if why:
            yield Problem(
                "vector_damaged",
                f"{row.space} vector of image {row.image_id}: {why}",
                image_id=row.image_id,
            )
