"""Batches from a generator that runs ahead in a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Generic, TypeVar

T = TypeVar("T")


class _Prefetcher(Generic[T]):
    """Moves items from a generator into a bounded queue; the end and errors travel along."""

    def __init__(self, items: Generator[T, None, None], most: int) -> None:
        self._items = items
        self._queue: queue.Queue[T | BaseException] = queue.Queue(most)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="decoding ahead", daemon=True)
        self._thread.start()

    def next(self, seconds: float | None = None) -> T:
        """Raises StopIteration at the end, queue.Empty where nothing came in time."""
        item = self._queue.get(timeout=seconds)
        if isinstance(item, BaseException):
            raise item
        return item

    def close(self) -> None:
        """Ends the thread and, in it, the generator; not waiting for a picture that hangs."""
        self._stopped.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        end: BaseException = StopIteration()
        try:
            with closing(self._items) as items:
                for item in items:
                    if not self._put(item):
                        return
        except BaseException as error:
            end = error
        self._put(end)

    def _put(self, item: T | BaseException) -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False


def batches(
    items: Generator[T, None, None], size: int, seconds: float, ahead: int = 2
) -> Iterator[list[T]]:
    """Lists of `size` items, or of what came within `seconds`; `ahead` lists are made meanwhile."""
    source = _Prefetcher(items, size * ahead)
    try:
        more = True
        while more:
            batch: list[T] = []
            deadline = time.monotonic() + seconds
            while len(batch) < size:
                left = deadline - time.monotonic()
                if batch and left <= 0:
                    break
                try:
                    batch.append(source.next(max(left, 0.001) if batch else None))
                except queue.Empty:
                    break
                except StopIteration:
                    more = False
                    break
            if batch:
                yield batch
    finally:
        source.close()
