"""What a run says while it goes on: how far it is, and what it skipped."""

from __future__ import annotations

import time
from typing import Protocol

from search.jobs import Stage
from search.records import Device, EncoderInfo, Failure


class Reporter(Protocol):
    """Listens to a run; called from the thread that started it.

    What it raises ends the run as Ctrl-C does: what was stored so far stays.
    """

    def progress(self, stage: Stage, done: int, total: int | None, per_s: float) -> None:
        """`total` None: not known yet."""

    def skipped(self, failure: Failure) -> None:
        """One file that is not indexed, remembered failures included."""

    def bad_row(self, feed: bytes, line: int, sku: str | None, why: str) -> None:
        """One row of a feed that is not in the library, or not with all its pictures."""

    def feed_missing(self, feed: bytes, why: str) -> None:
        """A feed of the library that cannot be read now; its products stay."""

    def not_followed(self, link: bytes) -> None:
        """One link in a folder; absolute path."""

    def root_missing(self, folder: bytes, pictures: bool) -> None:
        """A folder of the library that is not there, and whether it has pictures to lose."""

    def model_opened(self, info: EncoderInfo, device: Device) -> None:
        """Which model embeds in this run, and where."""


class Silent:
    """A Reporter for those who only want the counts."""

    def progress(self, stage: Stage, done: int, total: int | None, per_s: float) -> None: ...

    def skipped(self, failure: Failure) -> None: ...

    def bad_row(self, feed: bytes, line: int, sku: str | None, why: str) -> None: ...

    def feed_missing(self, feed: bytes, why: str) -> None: ...

    def not_followed(self, link: bytes) -> None: ...

    def root_missing(self, folder: bytes, pictures: bool) -> None: ...

    def model_opened(self, info: EncoderInfo, device: Device) -> None: ...


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
