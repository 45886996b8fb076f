"""Images of the library, decoded again from their files: for another model or another language."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from search.records import DecodedImage, ImageRecord, Preprocessing
from search.settings import Settings
from search.store import Store

from .ahead import batches
from .decoding import DecoderPool, Task

Reread = list[tuple[ImageRecord, DecodedImage]]


def reread(
    store: Store, ids: Sequence[int], wanted: tuple[Preprocessing, ...], settings: Settings
) -> Iterator[tuple[int, Reread]]:
    """Batches: how many files were tried, and those that still hold what was indexed.

    A file that is gone or has changed since is left for `sync`.
    """
    with DecoderPool.of(settings) as pool:
        outcomes = pool.results(_tasks(store, ids, wanted, settings.commit_images))
        for batch in batches(outcomes, settings.commit_images, settings.commit_seconds):
            records = store.images([outcome.task.index for outcome in batch])
            same: Reread = []
            for outcome in batch:
                record = records.get(outcome.task.index)
                if outcome.image and record and record.content_hash == outcome.content_hash:
                    same.append((record, outcome.image))
            yield len(batch), same


def _tasks(
    store: Store, ids: Sequence[int], wanted: tuple[Preprocessing, ...], at_once: int
) -> Iterator[Task]:
    for start in range(0, len(ids), at_once):
        for record in store.images(ids[start : start + at_once]).values():
            if path := _unchanged(record):
                yield Task(record.id, path, wanted, follow=True)


def _unchanged(record: ImageRecord) -> bytes | None:
    """The first place whose file still has the size that was indexed."""
    for place in record.locations:
        try:
            about = os.stat(place.absolute)
        except OSError:
            continue
        if about.st_size == place.stamp.size:
            return place.absolute
    return None
