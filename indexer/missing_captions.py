"""The step that writes captions for images that have none in a language."""

from __future__ import annotations

from search.details import NO_WORDS
from search.jobs import Stage
from search.records import ImageRecord, Preprocessing
from search.store import Store

from .embedding import Towers
from .enrichment import Pictures


class MissingCaptions:
    """An `Enricher`: in the language of the towers, by their captioner."""

    stage = Stage.CAPTION

    def __init__(self, store: Store, towers: Towers) -> None:
        self._store = store
        self._towers = towers

    @property
    def wanted(self) -> tuple[Preprocessing, ...]:
        return self._towers.wanted

    def missing(self, after: int = 0, limit: int | None = None) -> list[int]:
        return self._store.captions.missing(self._towers.language, after, limit)

    def enrich(self, pictures: Pictures) -> list[tuple[ImageRecord, str]]:
        captions = self._towers.captions([image for _, image in pictures])
        pairs = [(record, words) for (record, _), words in zip(pictures, captions, strict=True)]
        written = [(record.id, *words) for record, words in pairs if words is not None]
        if written:
            self._store.captions.add(self._towers.info, written)
        return [(record, NO_WORDS) for record, words in pairs if words is None]
