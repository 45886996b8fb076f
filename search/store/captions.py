"""Captions as rows: what is written about an image, by whom, in which language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select

from ..records import Caption, EncoderInfo, PartKind
from ..schema import image, part
from .database import Database
from .encoders import id_of_encoder
from .parts import put_captions
from .rows import chunks, touch


@dataclass(frozen=True, slots=True)
class Captions:
    """What is written about the images."""

    _database: Database

    def add(
        self, info: EncoderInfo, written: Sequence[tuple[int, Caption, np.ndarray[Any, Any]]]
    ) -> None:
        """(image id, caption, its vector), in one transaction; replaces the same source's words."""
        with self._database.changing() as (connection, revision):
            encoder_id = id_of_encoder(connection, info)
            for some in chunks([id_ for id_, _, _ in written]):
                alive = set(connection.scalars(select(image.c.id).where(image.c.id.in_(some))))
                for id_, words, vector in written:
                    if id_ in alive:
                        put_captions(connection, encoder_id, revision, {id_: (words, vector)})
                touch(connection, list(alive), revision)

    def missing(self, language: str, after: int = 0, limit: int | None = None) -> list[int]:
        """Ids beyond `after` of images that have no caption in that language."""
        captioned = select(part.c.id).where(
            part.c.image_id == image.c.id,
            part.c.kind == PartKind.CAPTION.value,
            part.c.language == language,
        )
        query = select(image.c.id).where(image.c.id > after, ~captioned.exists())
        query = query.order_by(image.c.id).limit(limit)
        with self._database.reading() as connection:
            return list(connection.scalars(query))
