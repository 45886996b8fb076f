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

    def discard(self, hashes: Iterable[str], note: Path | None = None) -> None:
        """Delete them, and the note of them; one that cannot be deleted keeps its note."""
        left = [each for each in hashes if not self._deleted(each)]
        if note and not left:
            with suppress(OSError):
                note.unlink()

    def note(self, hashes: Iterable[str]) -> Path | None:
        """Write down what is to be deleted next, for `notes`; None where there is nothing to
        note, or no space: `doctor` finds what is left then."""
        lines = "".join(f"{content_hash}\n" for content_hash in hashes)
        if not lines:
            return None
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".discard")
            with os.fdopen(handle, "w") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
            return Path(name)
        return None

    def notes(self) -> Iterator[tuple[Path, list[str]]]:
        """What was to be deleted by processes that may have died before they did."""
        return ((note, note.read_text().split()) for note in self.folder.glob("*.discard"))

    def hashes(self) -> Iterator[str]:
        """Every content that has one."""
        return (path.stem for path in self.folder.glob("??/*.jpg"))

    def _deleted(self, content_hash: str) -> bool:
        try:
            self._path(content_hash).unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def _path(self, content_hash: str) -> Path:
        return self.folder / content_hash[:2] / f"{content_hash}.jpg"
