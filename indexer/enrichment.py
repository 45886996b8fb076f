"""Steps that give the pictures of a library what they lack: captions, another model's vectors...

What is left to do is a query on the database, so each step can be run by itself, interrupted and
run again. What could not be read is remembered as what `add` skips is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from search.jobs import Stage
from search.records import DecodedImage, ImageRecord, Preprocessing
from search.settings import Settings
from search.store import Store

from .interfaces import Reader
from .library_pictures import Reread, reread
from .report import Pace, Reporter, Silent
from .skipping import Skips, without

PAGE = 4096  # ids that are asked for at once


Pictures = Sequence[tuple[ImageRecord, DecodedImage]]  # as they were indexed, and as read again


class Enricher(Protocol):
    """One step: what an image lacks, and how it gets it."""

    @property
    def stage(self) -> Stage:
        """What people see it as."""

    @property
    def wanted(self) -> tuple[Preprocessing, ...]:
        """The views of a picture that a reader is to prepare; none where its file says enough."""

    def missing(self, after: int = 0, limit: int | None = None) -> list[int]:
        """Ids of images that lack it, rising, beyond `after`."""

    def enrich(self, pictures: Pictures) -> list[tuple[ImageRecord, str]]:
        """Make it and store it, in one commit; those of which nothing could be made, each with one
        of search/details.py that says why."""


@dataclass(frozen=True, slots=True)
class EnrichReport:
    """Where each image that lacked something ended."""

    done: int
    failed: int  # no file with its content could be read, or nothing made of it; it stays missing
    newly_failed: int = 0  # of these: not skipped before


def enrich(
    store: Store,
    enricher: Enricher,
    reader: Reader,
    settings: Settings,
    reporter: Reporter = Silent(),  # noqa: B008 - has no state
) -> EnrichReport:
    """Run one step over all images that lack what it gives, one commit a batch."""
    waiting = len(enricher.missing())
    pace = Pace(reporter, enricher.stage, waiting)
    skips = Skips(store, reporter)
    done = 0
    for part in reread(store, _ids(enricher), reader, enricher.wanted, settings):
        done += _enrich(enricher, part, skips)
        pace.add(part.tried)
    return EnrichReport(done, waiting - done, skips.new)


def _ids(enricher: Enricher) -> Iterator[int]:
    """Of all that are missing now; those that stay so come once."""
    after = 0
    while page := enricher.missing(after, PAGE):
        yield from page
        after = page[-1]


def _enrich(enricher: Enricher, part: Reread, skips: Skips) -> int:
    """How many got what they lacked."""
    left = enricher.enrich(part.same) if part.same else []
    ids = {record.id for record, _ in left}
    skips.drop(record for record, _ in part.same if record.id not in ids)
    skips.add(part.unread)
    for record, why in left:
        skips.add(without(record, why))
    return len(part.same) - len(left)
