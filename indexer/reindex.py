"""All vectors of a library made again: by another model, then one switch, or by its own.

Another model's vectors are made beside the old ones; searches keep to the old model until the new
one is complete. Vectors of the library's own model are replaced batch by batch: old and new ones
mean the same, so searches go on. Either way an interrupted run goes on where it was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from search.details import NO_VECTOR
from search.jobs import Stage
from search.models import EMBEDDED, resolve
from search.records import EncoderInfo, ImageRecord, NewImage
from search.settings import Settings
from search.store import Store

from .embedding import Towers
from .interfaces import Reader
from .library_pictures import Reread, reread
from .report import Pace, Reporter, Silent
from .skipping import Skips, without


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
    info = towers.encoder.info
    waiting = store.vectors.missing(info)
    new = _embed(store, reader, towers, settings, waiting, reporter)
    failed = store.vectors.missing(info)
    switch = without_failed or not failed
    if switch:
        store.encoders.switch(info, towers.captioner.name if towers.captioner else None)
    return ReindexReport(len(waiting) - len(failed), len(failed), new, switch)


def _rebuild(
    store: Store, reader: Reader, towers: Towers, settings: Settings, reporter: Reporter
) -> ReindexReport:
    """Images whose file cannot be read keep the vectors that they have."""
    info = towers.encoder.info
    began = Began(settings.library)
    until = began.at(info, store.revision())
    waiting = _older(store, info, until)
    new = _embed(store, reader, towers, settings, waiting, reporter)
    failed = _older(store, info, until)
    store.encoders.bind(info, towers.captioner.name if towers.captioner else None)
    began.forget()
    return ReindexReport(len(waiting) - len(failed), len(failed), new, False, rebuilt=True)


def _older(store: Store, info: EncoderInfo, until: int) -> list[int]:
    return sorted(store.vectors.until(info, until) + store.vectors.missing(info))


def _embed(
    store: Store,
    reader: Reader,
    towers: Towers,
    settings: Settings,
    waiting: Sequence[int],
    reporter: Reporter,
) -> int:
    """How many were skipped that were not skipped before."""
    skips = Skips(store, reporter)
    pace = Pace(reporter, Stage.EMBED, len(waiting))
    for part in reread(store, waiting, reader, towers.wanted, settings):
        _store_vectors(store, towers, part, skips)
        pace.add(part.tried)
    return skips.new


def _store_vectors(store: Store, towers: Towers, part: Reread, skips: Skips) -> None:
    seen = towers.embed([image for _, image in part.same])
    pairs = [(record, new) for (record, _), new in zip(part.same, seen, strict=True)]
    embedded = [(record, new) for record, new in pairs if new is not None]
    if embedded:
        store.vectors.add(towers.encoder.info, _with_words(towers, embedded))
    skips.drop(record for record, _ in embedded)
    skips.add(part.unread)
    for record, new in pairs:
        if new is None:
            skips.add(without(record, NO_VECTOR))


def _with_words(
    towers: Towers, embedded: Sequence[tuple[ImageRecord, NewImage]]
) -> list[tuple[int, NewImage]]:
    """A picture without a new caption keeps its old one, which the new text tower has to read."""
    kept = {
        record.id: record.caption
        for record, new in embedded
        if new.caption is None and record.caption
    }
    vectors = towers.read(kept.values())
    return [
        (record.id, replace(new, caption_vector=vectors.get(kept.get(record.id, ""))))
        if record.id in kept
        else (record.id, new)
        for record, new in embedded
    ]


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
