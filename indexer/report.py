"""What a run tells: how far it is, what it skipped, and the counts at its end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from search.records import Failure


class Stage(StrEnum):
    """What a run is busy with."""

    SCAN = "scan"  # one stat a file
    READ = "read"  # hashing files whose content may be known
    EMBED = "embed"
    CAPTION = "caption"


class Reporter(Protocol):
    """Listens to a run; called from the thread that started it."""

    def progress(self, stage: Stage, done: int, total: int | None, per_s: float) -> None:
        """`total` None: not known yet."""

    def skipped(self, failure: Failure) -> None:
        """One file that is not indexed, remembered failures included."""

    def not_followed(self, link: bytes) -> None:
        """One link in a folder; absolute path."""


class Silent:
    """A Reporter for those who only want the counts."""

    def progress(self, stage: Stage, done: int, total: int | None, per_s: float) -> None: ...

    def skipped(self, failure: Failure) -> None: ...

    def not_followed(self, link: bytes) -> None: ...


@dataclass(slots=True)
class IngestReport:
    """Where each file ended: found = added + updated + moved + duplicates + unchanged + skipped."""

    found: int = 0
    added: int = 0  # new content
    updated: int = 0  # a known path with new content
    moved: int = 0  # known content at a new path whose old file is gone
    duplicates: int = 0  # known content at a further path
    unchanged: int = 0
    skipped: int = 0  # with a reason
    newly_skipped: int = 0  # of these: not for the same reason already in the run before
    removed: int = 0  # files that are gone and lost their place in the library
    left_out: int = 0  # taken out by `remove`: not in `found`
    ignored: int = 0  # not pictures by their name, or links: not in `found`
    links: int = 0  # of these: links, which are not followed
    seconds: float = 0.0
    refusals: tuple[str, ...] = ()  # why something was not removed, in words

    def add(self, **counts: int) -> None:
        """To the counts of these names."""
        for name, count in counts.items():
            setattr(self, name, getattr(self, name) + count)


class Pace:
    """Counts towards a total and says how fast it goes."""

    def __init__(self, reporter: Reporter, stage: Stage, total: int | None) -> None:
        self._reporter = reporter
        self._stage = stage
        self._total = total
        self._started = time.monotonic()
        self.done = 0

    def add(self, count: int = 1) -> None:
        self.done += count
        self._tell()

    def end(self, total: int) -> None:
        """All is done, and this is how much it was."""
        self.done = self._total = total
        self._tell()

    def _tell(self) -> None:
        per_s = self.done / max(time.monotonic() - self._started, 1e-6)
        self._reporter.progress(self._stage, self.done, self._total, per_s)
