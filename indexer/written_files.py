"""Files that a command writes for a person: there once they are whole, never over a picture, a
library or what the command reads."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import click

from search.home import chosen
from search.signatures import detect

from .libraries import is_own_file

_DATABASE = b"SQLite format 3\0"


@contextmanager
def new_file(
    path: Path | None, library: Path | None, *read: Path | None
) -> Iterator[TextIO | None]:
    """`path` for writing text, None for None: it is replaced at the end, where nothing failed.

    `read` are the files that the command reads. Raises click.UsageError, before anything is
    written, for what must not be replaced and for what cannot be written.
    """
    if path is None:
        yield None
        return
    try:
        why = _refusal(path, library, read)
        if why:
            raise click.UsageError(f"{path} {why}, which is never written to")
        part, file = _opened(path)
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
    try:
        with file:
            yield file
        if part:
            os.replace(part, path.resolve())
    except BaseException:
        if part:
            with suppress(OSError):
                part.unlink()
        raise


def _refusal(path: Path, library: Path | None, read: tuple[Path | None, ...]) -> str | None:
    """What lies there that must stay."""
    if is_own_file(os.fsencode(path.resolve()), chosen(library)):
        return "is a file of a library"
    if not path.is_file():
        return None
    if any(file and file.exists() and file.samefile(path) for file in read):
        return "is what is read here"
    with path.open("rb") as there:
        start = there.read(1024)
    if detect(start):
        return "is a picture"
    return "is a database" if start.startswith(_DATABASE) else None


def _opened(path: Path) -> tuple[Path | None, TextIO]:
    """A file beside `path` that is to replace it, and open; a pipe or a device is opened itself."""
    if path.exists() and not path.is_file():
        return None, path.open("w", encoding="utf-8", newline="")
    if path.exists():
        path.open("a").close()  # whoever may not write there may not replace it either
    part = path.resolve().with_name(f".pomona-{os.getpid()}.part")
    file = part.open("w", encoding="utf-8", newline="")
    if path.exists():
        shutil.copymode(path, part)
    return part, file
