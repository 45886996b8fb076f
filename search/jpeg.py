"""How a JPEG is laid out: enough of it to see, before decoding, that it would never end."""

from __future__ import annotations

import re

from .details import too_many_scans

MAX_SCANS = 100  # as libtiff has it; encoders write about ten

_SCAN, _END = b"\xff\xda", b"\xff\xd9"
# What follows 0xFF inside a scan and is no marker: a stuffed zero, a restart, more 0xFF.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")


class EndlessError(NotImplementedError):
    """A picture of so many scans that decoding it would be an attack."""

    def __init__(self, scans: int) -> None:
        super().__init__(too_many_scans(scans, MAX_SCANS))


def refuse_endless(data: bytes) -> None:
    """Raises EndlessError. Each scan of a progressive JPEG may go over all pixels, and an empty
    one costs a few bytes: 76 kB can take half a minute."""
    found = scans(data)
    if found > MAX_SCANS:
        raise EndlessError(found)


def scans(data: bytes) -> int:
    """How many scans the first picture in `data` has; thumbnails in it, and what follows it, have
    their own."""
    most = data.count(_SCAN)
    if most <= MAX_SCANS:
        return most  # at most so many: good enough, and fast
    found, at = 0, 2
    while marker := _MARKER.search(data, at):
        if marker.group() == _END:
            break
        found += marker.group() == _SCAN
        start = marker.end()
        at = start + max(2, int.from_bytes(data[start : start + 2], "big"))
    return found
