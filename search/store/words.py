"""What is written about images, as numbers of words, and what changed in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from ..records import WordChanges
from ..schema import document, image, library
from .database import Database
from .documents import NUMBER, known_words
from .rows import damaged, document_crc
from .values import plain, stale


@dataclass(frozen=True, slots=True)
class WrittenWords:
    """What the evidence of words follows."""

    _database: Database

    def numbers(self, words: Sequence[str]) -> dict[str, int]:
        """Of those of `words` that are, or were, written anywhere in the library."""
        with self._database.reading() as connection:
            return known_words(connection, words)

    def changes(self, since: int) -> WordChanges:
        """What followed `since`, and the revision that it leads to, from one snapshot.

        `since` 0 is everything. Raises LibraryDamagedError for a row that fails its checksum.
        """
        query = select(document).order_by(document.c.image_id)
        if since:
            query = query.join(image).where(image.c.revision > since)
        with self._database.reading() as connection:
            head = connection.execute(select(library.c.revision)).scalar_one()
            rows = plain(connection.execute(query))
            gone = stale(connection, since)
        for id_, stored, sum_ in rows:
            if sum_ != document_crc(id_, stored):
                raise damaged(id_, "document")
        return WordChanges(
            revision=head,
            stale=gone,
            ids=np.array([id_ for id_, _, _ in rows], np.int64),
            lengths=np.array([len(stored) // NUMBER for _, stored, _ in rows], np.int64),
            words=np.frombuffer(b"".join(stored for _, stored, _ in rows), "<i4").astype(np.int32),
        )
