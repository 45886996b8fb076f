"""Captions for images that have none in a language: read the file again, look, write."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.records import DecodedImage, ImageRecord
from search.settings import Settings
from search.store import Store

from .ahead import batches
from .decoding import DecoderPool, Outcome, Task
from .embedding import Towers
from .report import Pace, Reporter, Silent, Stage


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

    What is left to do is a query on the store, so an interrupted run goes on by itself. A file that
    changed since it was indexed is left for `add`.
    """
    waiting = store.without_caption(towers.language)
    pace = Pace(reporter, Stage.CAPTION, len(waiting))
    captioned = 0
    with DecoderPool.of(settings) as pool:
        outcomes = pool.results(_tasks(store, waiting, towers, settings.commit_images))
        for batch in batches(outcomes, settings.commit_images, settings.commit_seconds):
            captioned += _write(store, towers, batch)
            pace.add(len(batch))
    return CaptionReport(captioned, len(waiting) - captioned)


def _tasks(store: Store, ids: Sequence[int], towers: Towers, at_once: int) -> Iterator[Task]:
    for start in range(0, len(ids), at_once):
        for record in store.images(ids[start : start + at_once]).values():
            yield from _task(record, towers)


def _task(record: ImageRecord, towers: Towers) -> Iterator[Task]:
    """The first place whose file still is as it was when it was indexed."""
    for place in record.locations:
        try:
            about = os.stat(place.absolute)
        except OSError:
            continue
        if about.st_size == place.stamp.size:
            yield Task(record.id, place.absolute, towers.wanted, follow=True)
            return


def _write(store: Store, towers: Towers, batch: Sequence[Outcome]) -> int:
    records = store.images([outcome.task.index for outcome in batch])
    ids, images = [], list[DecodedImage]()
    for outcome in batch:
        record = records.get(outcome.task.index)
        if outcome.image and record and record.content_hash == outcome.content_hash:
            ids.append(record.id)
            images.append(outcome.image)
    written = [
        (id_, *words)
        for id_, words in zip(ids, towers.captions(images), strict=True)
        if words is not None
    ]
    if written:
        store.add_captions(towers.encoder.info, written)
    return len(written)
