"""Links: a scan follows none, so what lies behind one belongs to no folder above it.

A folder that is reached through a link is a root of its own, even inside another root: whether its
disk is there is judged by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator


def folders_above(path: bytes) -> Iterator[bytes]:
    """From the nearest to `/`."""
    while (above := os.path.dirname(path)) != path:
        yield (path := above)


def are_apart(one: bytes, other: bytes) -> bool:
    """Whether one lies in the other and there is a link between; both absolute."""
    outer, inner = sorted((one, other), key=len)
    return outer in folders_above(inner) and is_behind_link(outer, inner)


def is_behind_link(folder: bytes, path: bytes) -> bool:
    """Whether `path`, which lies in `folder`, is a link or is reached through one below it."""
    while len(path) > len(folder):
        if os.path.islink(path):
            return True
        path = os.path.dirname(path)
    return False
