"""Libraries on disk: their thumbnails are nobody's pictures, and their files nobody's either.

A library may lie in a folder of pictures. Were its thumbnails indexed, each would get a thumbnail,
and so on without end.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from search.errors import SettingsError

_THUMBNAILS = b"thumbs"
_OWN = re.compile(
    rb"catalog\.db.*|(write\.)?lock|(lock|reindex)\.json|server\.json.*|config\.toml|synonyms\.txt"
)
_DAMAGED = b"damaged-"  # a catalogue that a repair has replaced lies in such a folder
_MARKS = (b"catalog.db", b"lock")  # beside the thumbnails; the second where PostgreSQL is used


def is_library(folder: bytes) -> bool:
    return os.path.isdir(os.path.join(folder, _THUMBNAILS)) and any(
        os.path.isfile(os.path.join(folder, mark)) for mark in _MARKS
    )


def is_thumbnails(folder: bytes) -> bool:
    """Whether it is the folder of a library's thumbnails, by its name and its neighbours."""
    return os.path.basename(folder) == _THUMBNAILS and is_library(os.path.dirname(folder))


def is_own_file(path: bytes, own: Path | None) -> bool:
    """Whether it is a file of a library itself, by its name and its neighbours. `own`: the library
    of this run, which has no thumbnails at first."""
    folder, name = os.path.split(path)
    if os.path.basename(folder).startswith(_DAMAGED):
        folder = os.path.dirname(folder)
    if not _OWN.fullmatch(name):
        return False
    return is_library(folder) or (own is not None and _same(folder, bytes(own)))


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
