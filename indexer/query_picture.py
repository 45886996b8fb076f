"""A picture named on the command line, as the question or part of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from search.errors import ImageError, NotFoundError
from search.refusals import refuse_raw

MOST_BYTES = 100_000_000
MOST_DIGITS = 18  # of an image's id: more do not fit into 64 bits


def image_id(target: bytes) -> int | None:
    """Digits are an id unless such a file exists; None for a path. Raises NotFoundError."""
    if not target.isdigit() or os.path.lexists(target):
        return None
    if len(target) > MOST_DIGITS:
        raise NotFoundError(f"there is no image {os.fsdecode(target)}")
    return int(target)


def read_picture(path: bytes) -> bytes:
    """The bytes of a picture file. Raises NotFoundError with the name and the reason, and
    ImageError for a raw photograph."""
    name = os.fsdecode(path)
    try:
        if os.path.isdir(path):
            raise NotFoundError(f"{name} is a folder: name a picture in it")
        if not os.path.isfile(path):
            raise NotFoundError(f"{name}: there is no such file")
        refuse_raw(name)
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotFoundError(f"{name}: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise NotFoundError(f"{name}: larger than {MOST_BYTES // 1_000_000} MB")
    return data


@contextmanager
def named(path: bytes | None) -> Iterator[None]:
    """An ImageError inside is about the file at `path`, and says so."""
    try:
        yield
    except ImageError as error:
        name = error.uri if path is None else os.fsdecode(path)
        raise ImageError(name, error.reason, error.detail) from error
