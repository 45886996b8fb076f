"""A picture named on the command line, as the question or part of it."""

from __future__ import annotations

import os

from search.errors import NotFoundError

MOST_BYTES = 100_000_000


def read_picture(path: bytes) -> bytes:
    """The bytes of a picture file. Raises NotFoundError with the name and the reason."""
    name = os.fsdecode(path)
    try:
        if not os.path.isfile(path):
            raise NotFoundError(f"{name}: there is no such file")
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotFoundError(f"{name}: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise NotFoundError(f"{name}: larger than {MOST_BYTES // 1_000_000} MB")
    return data
