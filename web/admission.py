"""Who may wait: a crowd gets a quick no, and others their answer. `limits` says how many."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from search.errors import OverloadedError
from search.interfaces import Decoder
from search.records import Crop, DecodedImage, Preprocessing

from .limits import MAX_DECODING, MAX_WAITING


class Admission:
    """Counts the requests that are inside, with those that a server has not yet handed over."""

    def __init__(self, limit: int = MAX_WAITING, what: str = "searches") -> None:
        self.backlog: Callable[[], int] = lambda: 0
        self._limit = limit
        self._what = what
        self._inside = 0
        self._lock = threading.Lock()

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Raises OverloadedError at once where too many are waiting already."""
        with self._lock:
            if self._inside + self.backlog() >= self._limit:
                raise OverloadedError(f"too many {self._what} are waiting; try again in a moment")
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1


class LimitedDecoder:
    """A Decoder that only so many threads may wait for."""

    def __init__(self, decoder: Decoder, limit: int = MAX_DECODING) -> None:
        self._decoder = decoder
        self._admission = Admission(limit, "pictures")

    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        """Raises ImageError, or OverloadedError at once where too many are waiting already."""
        with self._admission.admit():
            return self._decoder.decode(data, wanted, uri=uri, crop=crop)
