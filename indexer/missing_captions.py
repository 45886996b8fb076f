"""Captions for images that have none in a language: read the file again, look, write."""

from __future__ import annotations

from dataclasses import dataclass

from search.details import NO_WORDS
from search.jobs import Stage
from search.settings import Settings
from search.store import Store

from .embedding import Towers
from .interfaces import Reader
from .library_pictures import Reread, reread
from .report import Pace, Reporter, Silent
from .skipping import Skips, without


@dataclass(frozen=True, slots=True)
class CaptionReport:
    captioned: int
    failed: int  # no file with their content could be read; the next run tries again
    newly_failed: int = 0  # of these: not skipped before


def caption_missing(
    store: Store,
    reader: Reader,
    towers: Towers,
    settings: Settings,
    reporter: Reporter = Silent(),  # noqa: B008 - has no state
) -> CaptionReport:
    """Caption all images without a caption in `towers.language`, one commit a batch.

    What is left to do is a query on the store, so an interrupted run goes on by itself.
    """
    waiting = store.captions.missing(towers.language)
    pace = Pace(reporter, Stage.CAPTION, len(waiting))
    skips = Skips(store, reporter)
    captioned = 0
    for part in reread(store, waiting, reader, towers.wanted, settings):
        captioned += _write(store, towers, part, skips)
        pace.add(part.tried)
    return CaptionReport(captioned, len(waiting) - captioned, skips.new)


def _write(store: Store, towers: Towers, part: Reread, skips: Skips) -> int:
    captions = towers.captions([image for _, image in part.same])
    pairs = [(record, words) for (record, _), words in zip(part.same, captions, strict=True)]
    written = [(record.id, *words) for record, words in pairs if words is not None]
    if written:
        store.captions.add(towers.encoder.info, written)
    skips.drop(record for record, words in pairs if words is not None)
    skips.add(part.unread)
    for record, words in pairs:
        if words is None:
            skips.add(without(record, NO_WORDS))
    return len(written)
