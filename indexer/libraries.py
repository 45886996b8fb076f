"""Libraries on disk: their thumbnails are nobody's pictures.

A library may lie in a folder of pictures. Were its thumbnails indexed, each would get a thumbnail,
and so on without end.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from search.errors import SettingsError

_THUMBNAILS = b"thumbs"
_MARKS = (b"catalog.db", b"lock")  # beside the thumbnails; the second where PostgreSQL is used


def is_library(folder: bytes) -> bool:
    return os.path.isdir(os.path.join(folder, _THUMBNAILS)) and any(
        os.path.isfile(os.path.join(folder, mark)) for mark in _MARKS
    )


def is_thumbnails(folder: bytes) -> bool:
    """Whether it is the folder of a library's thumbnails, by its name and its neighbours."""
    return os.path.basename(folder) == _THUMBNAILS and is_library(os.path.dirname(folder))


def refuse_libraries(paths: Sequence[bytes], own: Path) -> None:
    """Raises SettingsError for a path that is a library or lies among a library's thumbnails.

    `own` is the library of this run, which need not be there yet.
    """
    for path in paths:
        if _same(path, bytes(own)) or is_library(path):
            raise SettingsError(
                f"{os.fsdecode(path)}: this is a library, not a folder of pictures. Keep it in a "
                "folder of its own (--library), and add the folder that holds the pictures."
            )
        if any(is_thumbnails(folder) for folder in _with_above(path)):
            raise SettingsError(
                f"{os.fsdecode(path)}: these are a library's thumbnails. Add the pictures."
            )


def _same(path: bytes, other: bytes) -> bool:
    try:
        return os.path.samefile(path, other)
    except OSError:
        return os.path.realpath(path) == os.path.realpath(other)


def _with_above(path: bytes) -> list[bytes]:
    folders = [os.path.realpath(path)]
    while (above := os.path.dirname(folders[-1])) != folders[-1]:
        folders.append(above)
    return folders
