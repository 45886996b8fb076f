"""What the front end asks of a search engine, and how it waits for one that is still loading."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import BinaryIO, Protocol

from search.errors import LibraryError, ModelMismatchError, PomonaError
from search.interfaces import Encoder
from search.records import (
    Description,
    Failure,
    Filters,
    ImageRecord,
    LibraryStats,
    Query,
    Root,
    SearchResult,
    Sort,
)

RETRY_SECONDS = 2.0  # between two attempts to open a library that is missing or locked

log = logging.getLogger(__name__)


class Catalogue(Protocol):
    """The part of the store that the pages list."""

    def roots(self, collection: str | None = None) -> list[Root]: ...

    def failures(self, *, after: int = 0, limit: int | None = None) -> list[Failure]: ...


class Engine(Protocol):
    """`search.engine.SearchEngine`, as the front end sees it."""

    @property
    def store(self) -> Catalogue: ...

    @property
    def encoder(self) -> Encoder: ...

    def search(self, query: Query) -> SearchResult: ...

    def describe(self, image: bytes) -> Description: ...

    def image(self, image_id: int) -> ImageRecord: ...

    def images(
        self, filters: Filters, sort: Sort, cursor: str | None, limit: int
    ) -> tuple[Sequence[ImageRecord], str | None]: ...

    def thumbnail(self, image_id: int, width: int) -> tuple[bytes, str]: ...

    def original(self, image_id: int) -> tuple[BinaryIO, str, str]: ...

    def stats(self) -> LibraryStats: ...

    def not_ready(self) -> str | None: ...


class LoadingError(PomonaError):
    """The model is being loaded; ask again in a moment."""


class Opening:
    """An engine on its way: opened once, in a thread of its own."""

    def __init__(
        self, open_engine: Callable[[], Engine], retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._open = open_engine
        self._retry_seconds = retry_seconds
        self._engine: Engine | None = None
        self._error: Exception = LoadingError("the model is being loaded")

    @classmethod
    def done(cls, engine: Engine) -> Opening:
        opening = cls(lambda: engine)
        opening._engine = engine
        return opening

    def start(self) -> None:
        threading.Thread(target=self._run, name="open-engine", daemon=True).start()

    def engine(self) -> Engine:
        """The engine; until there is one, raises why not."""
        if self._engine is None:
            raise self._error.with_traceback(None)  # or each request would leave its frames there
        return self._engine

    def _run(self) -> None:
        """A library may be made, repaired or brought to this model while we wait."""
        while self._engine is None:
            try:
                self._engine = self._open()
            except (LibraryError, ModelMismatchError) as error:
                self._error = error
                time.sleep(self._retry_seconds)
            except Exception as error:
                log.exception("the search engine could not be opened")
                self._error = error
                return
