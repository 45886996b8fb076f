"""CurrentModel: the model that answers, exchanged when the library has changed to another one.

`reindex` makes the new model's vectors beside the old ones and then switches the library. The new
model is loaded and its indexes are filled while the old one answers: as soon as its first vectors
are there, where `follow` is called now and then, as a server does. So the switch takes no time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .errors import (
    DatabaseUnavailableError,
    DiskError,
    LibraryError,
    LibraryLockedError,
    NoLibraryError,
)
from .model import Model
from .records import EncoderInfo, Head
from .store import Store

RETRY_SECONDS = 10.0  # after a model could not be loaded; twice as long after each further time
MOST_RETRY_SECONDS = 300.0
OF_THE_LIBRARY = (NoLibraryError, LibraryLockedError, DatabaseUnavailableError, DiskError)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    fingerprint: str
    message: str
    until: float  # by the clock: not to be tried again before
    wait_seconds: float


class CurrentModel:
    """Safe to share between threads."""

    def __init__(
        self,
        store: Store,
        model: Model,
        load: Callable[[EncoderInfo], Model] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`load` opens the model of a name and fingerprint; None: this one stays."""
        self._store = store
        self._model = model
        self._load = load
        self._clock = clock
        self._next: Model | None = None
        self._since = self._seen = store.revision()  # younger vectors are of a model to come
        self._failure: Failure | None = None
        self._following = threading.Lock()
        self.problem: str | None = None  # why the model that answers is not the library's

    @property
    def value(self) -> Model:
        return self._model

    def at(self, head: Head) -> Model:
        """The model to answer with. Where the library has another one, that is on its way."""
        if self._is_other(head) and not self._following.locked() and not self._is_early(head):
            threading.Thread(target=self._follow_alone, name="follow-model", daemon=True).start()
        return self._model

    def follow(self) -> None:
        """Come to where the library is, and prepare the model whose vectors are being made.

        Returns at once where another thread is at it. Raises LibraryError.
        """
        if self._load is None or not self._following.acquire(blocking=False):
            return
        try:
            head = self._store.head()
            if self._is_other(head):
                self._exchange(head)
            else:
                self.problem = None
                self._prepare(head)
        finally:
            self._following.release()

    def _follow_alone(self) -> None:
        try:
            self.follow()
        except LibraryError as error:  # whoever asks next hears of it
            log.warning("the library cannot be followed: %s", error)

    def _is_other(self, head: Head) -> bool:
        bound = head.fingerprint
        return self._load is not None and bound not in (None, self._model.info.fingerprint)

    def _is_early(self, head: Head) -> bool:
        """Whether the same has failed a moment ago."""
        failed = self._failure
        return (
            failed is not None
            and failed.fingerprint == head.fingerprint
            and self._clock() < failed.until
        )

    def _exchange(self, head: Head) -> None:
        wanted = self._store.encoders.current()
        if wanted is None:
            return
        model = None if self._is_early(head) else self._ready(wanted)
        if model is None:
            self.problem = self._failure.message if self._failure else None
        elif self._store.head().fingerprint == wanted.fingerprint:  # else the next look decides
            log.info("the library's model is %s now, not %s", wanted.name, self._model.info.name)
            self._model, self._next = model, None
            self._since = self._seen = model.revision
            self.problem = None

    def _prepare(self, head: Head) -> None:
        if head.revision == self._seen:
            return
        coming = self._store.encoders.coming(self._since)
        if coming is None:
            self._next = None  # nobody makes its vectors any more
        elif not self._is_early(Head(head.revision, coming.fingerprint)):
            self._ready(coming)
        self._seen = head.revision

    def _ready(self, info: EncoderInfo) -> Model | None:
        """That model, with its indexes filled; None: it cannot be had, and the old one goes on.

        It is kept, so that it is loaded once. Raises what is the library's fault and not its own.
        """
        try:
            model = self._loaded(info)
            model.refresh(self._store.revision())
        except OF_THE_LIBRARY:
            raise
        except Exception as error:  # whatever towers may raise that somebody made
            self._failure = self._failed(info, error)
            log.error("%s; %s goes on", self._failure.message, self._model.info.name)
            return None
        return model

    def _loaded(self, info: EncoderInfo) -> Model:
        assert self._load is not None
        if self._next is None or self._next.info.fingerprint != info.fingerprint:
            self._next = None  # not three of them at a time
            self._next = self._load(info)
        return self._next

    def _failed(self, info: EncoderInfo, error: Exception) -> Failure:
        last = self._failure
        again = last is not None and last.fingerprint == info.fingerprint
        wait = min(2 * last.wait_seconds, MOST_RETRY_SECONDS) if last and again else RETRY_SECONDS
        message = f"the library's model {info.name} cannot be opened: {error}"
        return Failure(info.fingerprint, message, self._clock() + wait, wait)
