"""The step that asks the files of images for facts that an earlier version did not keep."""

from __future__ import annotations

from search.jobs import Stage
from search.records import ImageRecord, Preprocessing
from search.store import Store

from .enrichment import Pictures


class MissingFacts:
    """An `Enricher`: it needs no model, and of every file that can be read it keeps something."""

    stage = Stage.FACTS
    wanted: tuple[Preprocessing, ...] = ()

    def __init__(self, store: Store) -> None:
        self._store = store

    def missing(self, after: int = 0, limit: int | None = None) -> list[int]:
        return self._store.facts.missing(after, limit)

    def enrich(self, pictures: Pictures) -> list[tuple[ImageRecord, str]]:
        self._store.facts.add({record.id: image.facts for record, image in pictures})
        return []
