"""What cannot be seen now since its disk is not there, and what is certainly gone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from search.records import Location, Root
from search.store import Store

from .console import printable, typed
from .filesystems import FileSystems, device_at, holding
from .sources import is_gone

AWAY = "is not mounted, or is another disk than last time"


class Absent:
    """Files of a root whose disk, its own or one inside it, is not where the last scan saw it."""

    def __init__(self, store: Store, root: Root) -> None:
        last = store.scans.last(root.id)
        self._before = last.file_systems if last else {}
        self._root = root
        self._now: dict[bytes, str | None] = {}
        self._ids = FileSystems()
        self._files: Counter[bytes] = Counter()  # folder where the disk was -> files that stay

    def held(self, path: bytes) -> bool:
        """Whether the file, by its path in the root, lay on a file system that is not there."""
        folder = holding(self._before, path)
        if folder is None:
            away = self._is_elsewhere()
        else:
            away = self._at(os.path.dirname(path)) != self._before[folder]
        if away:
            self._files[folder or b""] += 1
        return away

    def disks(self) -> Iterator[tuple[bytes, int]]:
        """The folder, absolute, where each of them was, and how many of its files were asked of."""
        for folder, count in self._files.items():
            yield os.path.join(self._root.path, folder) if folder else self._root.path, count

    def words(self) -> Iterator[str]:
        for disk, count in self.disks():
            inside = disk != self._root.path
            name = printable(os.path.relpath(disk, self._root.path)) if inside else "its disk"
            yield (
                f"{name} {AWAY}; nothing was removed there ({count} not found). "
                f"`indexer remove {typed(disk)}` forgets it if it is gone for good"
            )

    def _is_elsewhere(self) -> bool:
        """Of a root of which no scan was complete: all that is known is the number of its disk."""
        try:
            return device_at(self._root.path) != self._root.device
        except OSError:
            return True

    def _at(self, folder: bytes) -> str | None:
        if folder not in self._now:
            try:
                self._now[folder] = self._ids.at(os.path.join(self._root.path, folder))
            except OSError:  # not to be known: not the same
                self._now[folder] = None
        return self._now[folder]


class Gone:
    """Which of the known places are certainly gone. One look, not to be kept: disks come and go."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._absent: dict[int, Absent] = {}

    def has(self, place: Location) -> bool:
        """Whether its file is gone, from a disk that is still there.

        A folder that was renamed is gone; one whose disk was unplugged is not.
        """
        return is_gone(place.absolute) and not self._away(place)

    def _away(self, place: Location) -> bool:
        if place.root_id not in self._absent:
            root = next(root for root in self._store.roots.all() if root.id == place.root_id)
            self._absent[place.root_id] = Absent(self._store, root)
        return self._absent[place.root_id].held(place.path)
