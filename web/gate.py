"""A limit on how much work may wait for the towers, so that a crowd gets a quick no."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from search.errors import OverloadedError

MAX_WAITING = 64


class Gate:
    """Counts the requests that need a tower, with those that a server has not yet handed over."""

    def __init__(self, limit: int = MAX_WAITING) -> None:
        self.backlog: Callable[[], int] = lambda: 0
        self._limit = limit
        self._inside = 0
        self._lock = threading.Lock()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Raises OverloadedError at once where too many are waiting already."""
        with self._lock:
            if self._inside + self.backlog() >= self._limit:
                raise OverloadedError("too many searches are waiting; try again in a moment")
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
