"""A reader without processes: it reads in the thread that asks, one file after the other."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from indexer.decoding import Limits, read_directly
from indexer.reading import Outcome, Task


class InProcessReader:
    """For files that are known to be harmless: it has no limits of memory and time."""

    def __init__(self, max_pixels: int = 256_000_000) -> None:
        self._limits = Limits(max_pixels, seconds=30, memory_bytes=4 << 30)
        self.tasks: list[Task] = []  # all that it was ever given

    def start(self) -> None: ...

    def results(self, tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        for task in tasks:
            self.tasks.append(task)
            yield read_directly(task, self._limits)
