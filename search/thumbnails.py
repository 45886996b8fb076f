"""Thumbnails on disk, named by the content that they show; they can all be made again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


class Thumbnails:
    """`folder`/ab/abcdef....jpg, one for each content hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content_hash: str, jpeg: bytes) -> None:
        """Whole or not at all: a reader never meets half a file."""
        path = self._path(content_hash)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(jpeg)
        os.replace(part, path)

    def get(self, content_hash: str) -> bytes | None:
        try:
            return self._path(content_hash).read_bytes()
        except FileNotFoundError:
            return None

    def discard(self, content_hash: str) -> None:
        self._path(content_hash).unlink(missing_ok=True)

    def hashes(self) -> Iterator[str]:
        """Every content that has one."""
        return (path.stem for path in self._folder.glob("??/*.jpg"))

    def _path(self, content_hash: str) -> Path:
        return self._folder / content_hash[:2] / f"{content_hash}.jpg"
