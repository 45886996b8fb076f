"""Opening a file below a folder, through no link that was put there."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

# O_PATH: a folder that may be entered but not listed will do.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def open_beneath(root: bytes, path: bytes) -> BinaryIO:
    """The regular file at `path`, relative to `root`.

    `root` may be a link, or lie behind one; below it none is followed, neither at the end nor on
    the way. Each folder is opened in the one before it, so that whoever swaps folders meanwhile
    can at most make us miss the file. Raises OSError.
    """
    *folders, name = path.split(b"/")
    if not {b"", b".", b".."}.isdisjoint((*folders, name)):
        raise PermissionError("not a plain path below a root")
    folder = os.open(root, _FOLDER)
    try:
        for inner in folders:
            above, folder = folder, os.open(inner, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(above)
        return _regular(os.open(name, _FILE, dir_fd=folder))
    finally:
        os.close(folder)


def _regular(handle: int) -> BinaryIO:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise PermissionError("not a regular file")
    return os.fdopen(handle, "rb")
