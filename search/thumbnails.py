"""Thumbnails on disk, named by the content that they show; they can all be made again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path


class Thumbnails:
    """`folder`/ab/abcdef....jpg, one for each content hash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content_hash: str, jpeg: bytes) -> None:
        """Whole or not at all: a reader never meets half a file."""
        path = self._path(content_hash)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(jpeg)
            os.replace(part, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise

    def get(self, content_hash: str) -> bytes | None:
        try:
            return self._path(content_hash).read_bytes()
        except FileNotFoundError:
            return None

    def discard(self, hashes: Iterable[str]) -> None:
        """Those that cannot be deleted stay, and `doctor` finds them."""
        for content_hash in hashes:
            with suppress(OSError):
                self._path(content_hash).unlink()

    def hashes(self) -> Iterator[str]:
        """Every content that has one."""
        return (path.stem for path in self.folder.glob("??/*.jpg"))

    def _path(self, content_hash: str) -> Path:
        return self.folder / content_hash[:2] / f"{content_hash}.jpg"
