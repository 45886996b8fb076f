"""Keeps a vector index in step with the store."""

from __future__ import annotations

import threading

from .interfaces import VectorIndex
from .records import Changes, EncoderInfo, Space
from .store import Store


class IndexFollower:
    """Applies to one index whatever the store says happened since last time.

    The index may be empty, old or deleted: starting from revision 0 rebuilds it.
    """

    def __init__(
        self, store: Store, encoder: EncoderInfo, space: Space, index: VectorIndex
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._space = space
        self._lock = threading.Lock()
        self.index = index

    @property
    def revision(self) -> int:
        return self.index.revision

    def refresh(self, head: int | None = None) -> bool:
        """Catch up; True if anything changed. `head` is the store's revision where it is known."""
        if (self._store.revision() if head is None else head) == self.revision:
            return False
        with self._lock:
            since, ahead = self.revision, self.index.candidates_revision
            changes = self._changes(since)
            if changes.revision == since:
                return False  # another thread was faster
            self.index.apply(changes, changes if ahead == since else self._changes(ahead))
        return True

    def _changes(self, since: int) -> Changes:
        return self._store.vectors.changes(self._encoder, self._space, since)
