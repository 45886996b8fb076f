"""Pictures at any path, whether a library has them or not; nothing is remembered of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from search.errors import NotFoundError
from search.records import Failure, FileStamp, Root

from .options import absolute
from .sources import FileSource, FolderSource, Source


@dataclass(frozen=True, slots=True)
class LoosePicture:
    path: bytes  # absolute
    stamp: FileStamp
    named: bool  # itself, not its folder: links are followed


def pictures_at(
    paths: Sequence[bytes], thumbnails: Path | None = None
) -> tuple[list[LoosePicture], list[Failure]]:
    """Every picture at or below these paths, once, and what could not be looked at. `thumbnails`
    are a library's own. Raises NotFoundError for a path that is not there."""
    found: dict[bytes, LoosePicture] = {}
    failures: list[Failure] = []
    for path in map(absolute, paths):
        source = _source(path, thumbnails)
        for file in source.files():
            at = os.path.join(source.root.path, file.path)
            stamp = FileStamp(file.size, file.mtime_ns)
            found.setdefault(at, LoosePicture(at, stamp, source.named))
        failures += source.failures
    return list(found.values()), failures


def _source(path: bytes, thumbnails: Path | None) -> Source:
    try:
        about = os.stat(path)
    except OSError as error:
        raise NotFoundError(f"{os.fsdecode(path)}: {error.strerror}. Check the path.") from None
    if stat.S_ISDIR(about.st_mode):
        return FolderSource(_root(path, about.st_dev), thumbnails=thumbnails)
    folder, name = os.path.split(path)
    return FileSource(_root(folder, about.st_dev), [name])


def _root(folder: bytes, device: int) -> Root:
    """As a source wants it; no library has it."""
    return Root(0, "", folder, device, 0)
