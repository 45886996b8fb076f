"""Files that a command writes for a person: opened before the work, and never over a picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from search.signatures import detect


@contextmanager
def new_file(path: Path | None) -> Iterator[TextIO | None]:
    """`path` for writing text, None for None. Raises click.UsageError where a picture lies there
    already, or something that cannot be written to."""
    if path is None:
        yield None
        return
    try:
        if path.is_file():
            with path.open("rb") as there:
                if detect(there.read(1024)):
                    raise click.UsageError(f"{path} is a picture, which is never written to")
        opened = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
    with opened as file:
        yield file
