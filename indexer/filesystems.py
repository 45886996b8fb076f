"""Which file system a file lies on, by an id that another disk will not get.

The device number (st_dev) is not one: the next disk that is mounted may have the same.
"""

from __future__ import annotations

import os
from collections.abc import Container
from contextlib import suppress

BY_UUID = b"/dev/disk/by-uuid"


class FileSystems:
    """Ids of file systems, each looked up once."""

    def __init__(self, by_uuid: bytes = BY_UUID) -> None:
        """`by_uuid`: the folder with a link to each disk, by the id that is on it."""
        self._by_uuid = by_uuid
        self._ids: dict[int, str] = {}

    def id_of(self, path: bytes, device: int) -> str:
        """Of the file system that `path` lies on; `device` is its st_dev."""
        if device not in self._ids:
            self._ids[device] = _uuid(device, self._by_uuid) or _fsid(path) or f"dev:{device}"
        return self._ids[device]

    def at(self, path: bytes) -> str:
        """Where `path` lies or, if it is gone, where it would: by its nearest folder.

        Raises OSError where that cannot be read.
        """
        return self.id_of(*_nearest(path))


def device_at(path: bytes) -> int:
    """The number (st_dev) of the file system where `path` lies or, if it is gone, would lie.

    Raises OSError where that cannot be read.
    """
    return _nearest(path)[1]


def _nearest(path: bytes) -> tuple[bytes, int]:
    """The nearest folder that is there, and its st_dev."""
    while True:
        try:
            return path, os.stat(path).st_dev
        except (FileNotFoundError, NotADirectoryError):
            path = os.path.dirname(path)


def holding(folders: Container[bytes], path: bytes) -> bytes | None:
    """The deepest of the folders, relative to a root, that holds `path` or is it."""
    while path and path not in folders:
        path = os.path.dirname(path)
    return path if path in folders else None


def _uuid(device: int, by_uuid: bytes) -> str | None:
    """What the disk itself says, where that can be read."""
    with suppress(OSError), os.scandir(by_uuid) as entries:
        for entry in entries:
            with suppress(OSError):  # a link to a disk that is gone says nothing of the others
                if entry.stat().st_rdev == device:
                    return f"uuid:{os.fsdecode(entry.name)}"
    return None


def _fsid(path: bytes) -> str | None:
    """What the kernel says; 0 where it does not know."""
    try:
        id_ = os.statvfs(path).f_fsid
    except OSError:
        return None
    return f"fsid:{id_:x}" if id_ else None
