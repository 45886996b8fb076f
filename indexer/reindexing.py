"""Another model for a library: its vectors are made beside the old ones, then one switch.

Searches keep to the old model until the new one is complete. What is left to do is a query on the
store, so an interrupted run goes on by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from search.records import ImageRecord, NewImage
from search.settings import Settings
from search.store import Store

from .embedding import Towers
from .report import Pace, Reporter, Silent, Stage
from .rereading import reread


@dataclass(frozen=True, slots=True)
class ReindexReport:
    embedded: int
    failed: int  # no file with their content could be read
    switched: bool


def reindex(
    store: Store,
    towers: Towers,
    settings: Settings,
    *,
    without_failed: bool = False,
    reporter: Reporter = Silent(),  # noqa: B008 - has no state
) -> ReindexReport:
    """Embed every image by `towers` and make these the library's encoder.

    Images whose file cannot be read would be lost to searches, so there is no switch while there
    are any, unless `without_failed` says that they may go.
    """
    info = towers.encoder.info
    waiting = store.without_vector(info)
    pace = Pace(reporter, Stage.EMBED, len(waiting))
    for tried, images in reread(store, waiting, towers.wanted, settings):
        records = [record for record, _ in images]
        embedded = _with_words(towers, records, list(towers.embed([image for _, image in images])))
        store.add_vectors(
            info, [(record.id, new) for record, new in zip(records, embedded, strict=True)]
        )
        pace.add(tried)
    failed = store.without_vector(info)
    if failed and without_failed:
        store.remove_images(failed)
    switch = without_failed or not failed
    if switch:
        store.switch(info, towers.captioner.name if towers.captioner else None)
    return ReindexReport(len(waiting) - len(failed), len(failed), switch)


def _with_words(
    towers: Towers, records: Sequence[ImageRecord], embedded: Sequence[NewImage]
) -> list[NewImage]:
    """A picture without a new caption keeps its old one, which the new text tower has to read."""
    told = {
        record.id: record.caption
        for record, new in zip(records, embedded, strict=True)
        if new.caption is None and record.caption
    }
    texts = list(dict.fromkeys(told.values()))
    vectors = dict(zip(texts, towers.encoder.encode_texts(texts), strict=True)) if texts else {}
    return [
        replace(new, caption_vector=vectors[told[record.id]]) if record.id in told else new
        for record, new in zip(records, embedded, strict=True)
    ]
