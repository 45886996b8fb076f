"""What a thumbnail is, and those on disk, named by the content that they show.

They can all be made again.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

from .formats import MEDIA_TYPES

if TYPE_CHECKING:  # who does not look at a thumbnail need not load it
    from PIL import Image

FORMAT = "JPEG"
SUFFIX = ".jpg"
MEDIA_TYPE = MEDIA_TYPES[FORMAT]
QUALITY = 80
SIDE = 320  # px of the long side of one on disk
WIDTHS = (160, SIDE, 640)  # px of the long side of one that is asked for
MAX_BYTES = 1 << 19  # of a file; noise of SIDE takes less than half of it

_THREADS = 16
_HASH = re.compile(rb"[0-9a-f]{64}")
_PART = ".part"  # ends the name of one that is being written


def encode(image: Image.Image) -> bytes:
    """A picture that is small enough as the file of a thumbnail, without any metadata."""
    image.info = {}  # comments and profiles stay with the original
    file = BytesIO()
    image.save(file, FORMAT, quality=QUALITY)
    return file.getvalue()


def decode(thumbnail: bytes) -> Image.Image:
    from PIL import Image

    return Image.open(BytesIO(thumbnail), formats=[FORMAT])


def any_in(folder: Path) -> bool:
    """Whether there is a thumbnail in `folder`."""
    return next(folder.glob(f"??/*{SUFFIX}"), None) is not None


class Thumbnails:
    """`folder`/ab/abcdef....jpg, one for each content hash. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._swept: set[Path] = set()

    def put(self, content_hash: str, thumbnail: bytes) -> None:
        """Whole or not at all, also where the power fails: a reader never meets half a file."""
        path = self._path(content_hash)
        self._prepare(path.parent)
        try:
            _write(path, thumbnail)
        except FileNotFoundError:  # somebody deletes thumbnails, or swept just as we began
            self._prepare(path.parent)
            _write(path, thumbnail)

    def put_all(self, made: Iterable[tuple[str, bytes]]) -> None:
        """Many at once: disks write faster where they need not finish one before the next."""
        with ThreadPoolExecutor(_THREADS) as writers:
            for _ in writers.map(lambda pair: self.put(*pair), made):
                pass

    def get(self, content_hash: str) -> bytes | None:
        """None where there is none, or what lies there is no picture any more."""
        try:
            thumbnail = _read(self._path(content_hash))
        except OSError:
            return None
        return thumbnail if thumbnail and _decodes(thumbnail) else None

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
        """What was to be deleted by processes that may have died before they did. Of a note that
        lost its end with the power, the lines that are hashes."""
        for note in self.folder.glob("*.discard"):
            with suppress(OSError):
                lines = note.read_bytes().split()
                yield note, [line.decode() for line in lines if _HASH.fullmatch(line)]

    def hashes(self) -> Iterator[str]:
        """Every content that has one."""
        return (path.stem for path in self.folder.glob(f"??/*{SUFFIX}"))

    def damaged(self) -> Iterator[str]:
        """Every content whose thumbnail does not decode; reads all of them, many at once."""
        hashes = list(self.hashes())
        with ThreadPoolExecutor(_THREADS) as readers:
            broken = readers.map(lambda each: self.get(each) is None, hashes)
            yield from compress(hashes, broken)

    def _prepare(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if folder not in self._swept:
            self._swept.add(folder)
            _sweep(folder)

    def _deleted(self, content_hash: str) -> bool:
        try:
            self._path(content_hash).unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def _path(self, content_hash: str) -> Path:
        return self.folder / content_hash[:2] / f"{content_hash}{SUFFIX}"


def _read(path: Path) -> bytes | None:
    """None where it is no file, or far larger than any of ours; a pipe would never end."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        about = os.fstat(file.fileno())
        is_ours = stat.S_ISREG(about.st_mode) and about.st_size <= MAX_BYTES
        return file.read(MAX_BYTES) if is_ours else None


def _write(path: Path, thumbnail: bytes) -> None:
    handle, part = tempfile.mkstemp(dir=path.parent, suffix=_PART)
    try:
        with os.fdopen(handle, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # as long as we live: see `_sweep`
            file.write(thumbnail)
            file.flush()
            os.fsync(file.fileno())
            os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise


def _sweep(folder: Path) -> None:
    """Delete what killed runs have left half written: a part that nobody has locked."""
    for part in folder.glob(f"*{_PART}"):
        with suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


def _decodes(thumbnail: bytes) -> bool:
    try:
        with decode(thumbnail) as image:
            if max(image.size) > SIDE:
                return False  # decoding may take long, and nobody of ours put it here
            image.load()
    except Exception:  # Pillow has many
        return False
    return True
