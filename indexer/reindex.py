"""All vectors of a library made again: by another model, then one switch, or by its own.

Another model's vectors are made beside the old ones; searches keep to the old model until the new
one is complete. Vectors of the library's own model are replaced batch by batch: old and new ones
mean the same, so searches go on. Either way an interrupted run goes on where it was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from search.details import NO_VECTOR
from search.jobs import Stage
from search.models import EMBEDDED, resolve
from search.records import Caption, EncoderInfo, ImageRecord, NewImage, Preprocessing, Vectors
from search.settings import Settings
from search.store import Store

from .embedding import Towers
from .enrichment import Pictures, enrich
from .interfaces import Reader
from .report import Reporter, Silent


@dataclass(frozen=True, slots=True)
class ReindexReport:
    embedded: int
    failed: int  # no file with their content could be read
    newly_failed: int  # of these: not skipped before
    switched: bool  # to another model
    rebuilt: bool = False  # by the library's own


def reindex(
    store: Store,
    reader: Reader,
    towers: Towers,
    settings: Settings,
    *,
    without_failed: bool = False,
    reporter: Reporter = Silent(),  # noqa: B008 - has no state
) -> ReindexReport:
    """Embed every image by `towers` and make these the library's encoder."""
    bound = store.encoders.current()
    if bound and bound.fingerprint == towers.encoder.info.fingerprint:
        return _rebuild(store, reader, towers, settings, reporter)
    return _change(store, reader, towers, settings, without_failed, reporter)


def library_captioner(store: Store, settings: Settings) -> str | None:
    """Who is to write the captions: whom the settings name, else who wrote the library's.

    None is the model's own decoder, or the embedded one's where it has none. So a library that
    changes to a model with a decoder takes that; only a captioner that was named apart stays.
    """
    bound, captioner = store.encoders.current(), store.stats().captioner
    if settings.captioner or bound is None or captioner == bound.name:
        return settings.captioner
    changes = settings.model is not None and resolve(settings.model).name != bound.name
    return None if changes and captioner == EMBEDDED else captioner


def _change(
    store: Store,
    reader: Reader,
    towers: Towers,
    settings: Settings,
    without_failed: bool,
    reporter: Reporter,
) -> ReindexReport:
    """Images whose file cannot be read are lost to searches, so there is no switch while there
    are any, unless `without_failed` accepts that. They stay in the library: the file may be on a
    disk that is away, and only `sync` can tell."""
    step = NewVectors(store, towers)
    made = enrich(store, step, reader, settings, reporter)
    failed = len(step.missing())
    switch = without_failed or not failed
    if switch:
        store.encoders.switch(towers.info, towers.captioner.name if towers.captioner else None)
    return ReindexReport(made.done, failed, made.newly_failed, switch)


def _rebuild(
    store: Store, reader: Reader, towers: Towers, settings: Settings, reporter: Reporter
) -> ReindexReport:
    """Images whose file cannot be read keep the vectors that they have."""
    began = Began(settings.library)
    step = NewVectors(store, towers, began.at(towers.info, store.revision()))
    made = enrich(store, step, reader, settings, reporter)
    store.encoders.bind(towers.info, towers.captioner.name if towers.captioner else None)
    began.forget()
    return ReindexReport(made.done, made.failed, made.newly_failed, False, rebuilt=True)


class NewVectors:
    """An `Enricher`: the vectors of a model, for images that have none or one that is too old."""

    stage = Stage.EMBED

    def __init__(self, store: Store, towers: Towers, until: int = 0) -> None:
        """`until`: vectors of this revision and of those before are too old."""
        self._store = store
        self._towers = towers
        self._until = until

    @property
    def wanted(self) -> tuple[Preprocessing, ...]:
        return self._towers.wanted

    def missing(self, after: int = 0, limit: int | None = None) -> list[int]:
        vectors, info = self._store.vectors, self._towers.info
        old = vectors.until(info, self._until, after, limit) if self._until else []
        return sorted(old + vectors.missing(info, after, limit))[:limit]

    def enrich(self, pictures: Pictures) -> list[tuple[ImageRecord, str]]:
        seen = self._towers.embed([image for _, image in pictures])
        pairs = [(record, new) for (record, _), new in zip(pictures, seen, strict=True)]
        embedded = [(record, new) for record, new in pairs if new is not None]
        if embedded:
            self._store.vectors.add(self._towers.info, _with_words(self._towers, embedded))
        return [(record, NO_VECTOR) for record, new in pairs if new is None]


def _with_words(
    towers: Towers, embedded: Sequence[tuple[ImageRecord, NewImage]]
) -> list[tuple[int, NewImage]]:
    """A picture without a new caption keeps its old one, which the new text tower has to read."""
    kept = {
        record.id: words
        for record, new in embedded
        if new.caption is None and (words := record.shown_caption)
    }
    vectors = towers.read([words.text for words in kept.values()])
    return [(record.id, _with(new, kept.get(record.id), vectors)) for record, new in embedded]


def _with(new: NewImage, words: Caption | None, vectors: Mapping[str, Vectors]) -> NewImage:
    if words is None:
        return new
    return replace(new, caption=words, caption_vector=vectors.get(words.text))


class Began:
    """At which revision a rebuild began, kept until it is complete: what is younger is done.

    It is a file and no row: nothing is lost with it but the time to do the done part again.
    """

    def __init__(self, library: Path) -> None:
        self._file = library / "reindex.json"

    def at(self, info: EncoderInfo, now: int) -> int:
        """When the rebuild by this encoder began: some run before, or now."""
        try:
            kept = json.loads(self._file.read_text())
            if kept["fingerprint"] == info.fingerprint and int(kept["revision"]) <= now:
                return int(kept["revision"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none, or not readable: it begins now
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps({"fingerprint": info.fingerprint, "revision": now}))
        os.replace(beside, self._file)
        return now

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)
