"""Captions for images that have none in a language: read the file again, look, write."""

from __future__ import annotations

from dataclasses import dataclass

from search.settings import Settings
from search.store import Store

from .embedding import Towers
from .report import Pace, Reporter, Silent, Stage
from .rereading import Reread, reread


@dataclass(frozen=True, slots=True)
class CaptionReport:
    captioned: int
    failed: int  # no file with their content could be read; the next run tries again


def caption_missing(
    store: Store,
    towers: Towers,
    settings: Settings,
    reporter: Reporter = Silent(),  # noqa: B008 - has no state
) -> CaptionReport:
    """Caption all images without a caption in `towers.language`, one commit a batch.

    What is left to do is a query on the store, so an interrupted run goes on by itself.
    """
    waiting = store.without_caption(towers.language)
    pace = Pace(reporter, Stage.CAPTION, len(waiting))
    captioned = 0
    for tried, images in reread(store, waiting, towers.wanted, settings):
        captioned += _write(store, towers, images)
        pace.add(tried)
    return CaptionReport(captioned, len(waiting) - captioned)


def _write(store: Store, towers: Towers, images: Reread) -> int:
    captions = towers.captions([image for _, image in images])
    written = [
        (record.id, *words)
        for (record, _), words in zip(images, captions, strict=True)
        if words is not None
    ]
    if written:
        store.add_captions(towers.encoder.info, written)
    return len(written)
