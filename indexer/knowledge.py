"""What the library knows of the files of a run, asked for a group at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from search.records import Location
from search.store import Store

from .absence import Gone
from .plan import Known, Read
from .scan import Candidate


class Knowledge:
    """Of one run; what the run changes in the meantime, it is told."""

    def __init__(self, store: Store) -> None:
        self.moved: set[int] = set()  # locations that stand somewhere else by now
        self._store = store
        self._sizes: dict[str, set[int]] = {}
        self._excluded: dict[str, dict[str, int]] = {}

    def of(self, collection: str, files: Sequence[Read]) -> Known:
        """Of the contents of these files."""
        contents = list({file.content_hash for file in files if not file.failure})
        excluded = self.excluded(collection)
        known = self._store.images.ids_of(collection, contents) if contents else {}
        places = self._store.files.places_of(collection, list(known)) if known else {}
        gone = Gone(self._store)
        left = {content: tuple(self._gone(at, gone)) for content, at in places.items()}
        return Known(known, left, excluded)

    def excluded(self, collection: str) -> dict[str, int]:
        """Contents that `remove` took out -> bytes of their file; read once."""
        if collection not in self._excluded:
            self._excluded[collection] = self._store.removals.contents(collection)
        return self._excluded[collection]

    def may_be_known(
        self, collection: str, files: Sequence[Candidate]
    ) -> tuple[list[Candidate], list[Candidate]]:
        """Files of a size that known or excluded content has, and those that must be new."""
        if not files:
            return [], []
        sizes = self._sizes_of(collection)
        excluded = frozenset(self.excluded(collection).values())
        maybe: list[Candidate] = []
        new: list[Candidate] = []
        for file in files:
            known = file.stamp.size in sizes or file.stamp.size in excluded
            (maybe if known else new).append(file)
        return maybe, new

    def added(self, collection: str, files: Collection[Read]) -> None:
        self._sizes_of(collection).update(file.stamp.size for file in files)

    def included(self, collection: str, contents: Collection[str]) -> None:
        for content in contents:
            self.excluded(collection).pop(content, None)

    def _sizes_of(self, collection: str) -> set[int]:
        """Of all files of the collection, those of this run included; read once."""
        if collection not in self._sizes:
            self._sizes[collection] = self._store.files.sizes(collection)
        return self._sizes[collection]

    def _gone(self, places: Sequence[tuple[int, Location]], gone: Gone) -> Iterator[int]:
        """Ids of those whose file has certainly left."""
        return (id_ for id_, at in places if id_ not in self.moved and gone.has(at))
