"""How the front end comes to its search engine, and waits for one that is still loading."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from search.errors import LibraryError, ModelMismatchError, PomonaError

if TYPE_CHECKING:  # it loads SQLAlchemy: only when a library is opened
    from search.engine import SearchEngine

RETRY_SECONDS = 2.0  # between two attempts to open a library that is missing or locked

log = logging.getLogger(__name__)


class LoadingError(PomonaError):
    """The model is being loaded; ask again in a moment."""


class Opening:
    """An engine on its way: opened once, in a thread of its own."""

    def __init__(
        self, open_engine: Callable[[], SearchEngine], retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._open = open_engine
        self._retry_seconds = retry_seconds
        self._engine: SearchEngine | None = None
        self._error: Exception = LoadingError("the model is being loaded")

    @classmethod
    def done(cls, engine: SearchEngine) -> Opening:
        opening = cls(lambda: engine)
        opening._engine = engine
        return opening

    def start(self) -> None:
        threading.Thread(target=self._run, name="open-engine", daemon=True).start()

    def engine(self) -> SearchEngine:
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
            except PomonaError as error:  # its message says what to do; then serve again
                log.error("the search engine could not be opened: %s", error)
                self._error = error
                return
            except Exception as error:
                log.exception("the search engine could not be opened")
                self._error = error
                return
