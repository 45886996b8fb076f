"""Pictures that `caption` and `reindex` cannot read: remembered, as those that `add` skips are."""

from __future__ import annotations

from collections.abc import Iterable

from search.errors import Reason
from search.records import Failure, ImageRecord
from search.store import Store

from .library_pictures import Unread
from .report import Reporter


class Skips:
    """Remembers and reports what is skipped; `new` counts what was not skipped before."""

    def __init__(self, store: Store, reporter: Reporter) -> None:
        self._store = store
        self._reporter = reporter
        self._roots = {root.id: root for root in store.roots.all()}
        self._before = {failure.path for failure in store.failures.all()}
        self.new = 0

    def add(self, skipped: Iterable[Unread]) -> None:
        new: dict[int, list[tuple[bytes, Failure]]] = {}
        for place, failure in skipped:
            self._reporter.skipped(failure)
            if place.absolute not in self._before:
                new.setdefault(place.root_id, []).append((place.path, failure))
        for root_id, failed in new.items():
            self._store.failures.record(self._roots[root_id], failed)
            self.new += len(failed)

    def drop(self, read: Iterable[ImageRecord]) -> None:
        """Forget what was skipped before and could be read now."""
        for record in read:
            for place in record.locations:
                if place.absolute in self._before:
                    self._store.failures.drop(self._roots[place.root_id], [place.path])


def without(record: ImageRecord, detail: str) -> Iterable[Unread]:
    """A picture that could be read and of which the model made nothing."""
    for place in record.locations[:1]:
        yield place, Failure(place.absolute, Reason.DECODER_CRASH, detail)
