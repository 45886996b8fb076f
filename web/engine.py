"""How the front end comes to its search engine, and waits for one that is still loading."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from search.errors import LibraryError, LibraryReplacedError, ModelMismatchError, PomonaError

if TYPE_CHECKING:  # it loads SQLAlchemy: only when a library is opened
    from search.engine import SearchEngine

RETRY_SECONDS = 2.0  # between two attempts to open a library that is missing or locked
MOST_RETRY_SECONDS = 60.0  # where every attempt may cost as much as loading a model
FOLLOW_SECONDS = 0.5  # between two looks whether the library has another model now

log = logging.getLogger(__name__)


class LoadingError(PomonaError):
    """The model is being loaded; ask again in a moment."""


class Opening:
    """An engine on its way: opened in a thread of its own, which then keeps it at the library's
    model, and opens another one where the catalogue has been replaced."""

    def __init__(
        self,
        open_engine: Callable[[], SearchEngine],
        retry_seconds: float = RETRY_SECONDS,
        follow_seconds: float = FOLLOW_SECONDS,
    ) -> None:
        self._open = open_engine
        self._retry_seconds = retry_seconds
        self._follow_seconds = follow_seconds
        self._stopped = threading.Event()
        self._engine: SearchEngine | None = None
        self._error: Exception = LoadingError("the model is being loaded")

    @classmethod
    def done(cls, engine: SearchEngine) -> Opening:
        """Nothing more is opened, and nobody follows."""
        opening = cls(lambda: engine)
        opening._engine = engine
        return opening

    def start(self) -> None:
        threading.Thread(target=self._run, name="open-engine", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def engine(self) -> SearchEngine:
        """The engine; until there is one, raises why not."""
        engine = self._engine
        if engine is None:
            raise self._error.with_traceback(None)  # or each request would leave its frames there
        return engine

    def _run(self) -> None:
        again = False
        while self._is_opened(again=again):
            self._follow()
            gc.collect()  # the engine that was: its vectors are large, and it refers to itself
            again = True

    def _is_opened(self, *, again: bool) -> bool:
        """A library may be made, repaired or brought to this model while we wait.

        What else may be wrong is for people to mend, who then serve again; but not `again`, where
        this server has answered before.
        """
        wait = self._retry_seconds
        while not self._stopped.is_set():
            try:
                self._engine = self._open()
                return True
            except (LibraryError, ModelMismatchError) as error:
                self._error = _alone(error)
                wait = self._retry_seconds
            except Exception as error:
                known = isinstance(error, PomonaError)  # its message says what to do
                log.error("the search engine could not be opened: %s", error, exc_info=not known)
                self._error = _alone(error)
                if not again:
                    return False
                wait = min(2 * wait, MOST_RETRY_SECONDS)
            self._stopped.wait(wait)
        return False

    def _follow(self) -> None:
        """Until the library is another one."""
        while (engine := self._engine) and not self._stopped.wait(self._follow_seconds):
            try:
                engine.follow()
            except LibraryReplacedError as error:
                log.warning("%s", error)
                self._engine, self._error = None, _alone(error)
                engine.close()
            except PomonaError as error:  # requests meet it too, and say so
                log.debug("the library cannot be followed: %s", error)
            except Exception:
                log.exception("the library cannot be followed")


def _alone(error: Exception) -> Exception:
    """Without the frames that it came through: they would keep engines that are closed."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
