"""Places whose files are gone. A folder that looks wrong removes nothing.

The worst that a photo library can do is to take an unmounted disk for a deleted collection.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from search.store import Store

from .scan import Scan
from .sources import FolderSource, is_gone

SMALL_PART = 0.1  # of a root: less than that is always removed
FEW = 100  # images: likewise


def prune(
    store: Store, scan: Scan, moved: Iterable[int] = (), *, yes: bool = False
) -> tuple[int, str | None]:
    """Remove what was not found and certainly is gone: how many places, or why none.

    `moved`: ids of locations that stand somewhere else by now.
    """
    elsewhere = set(moved)
    unseen = {p: f for p, f in scan.missing.items() if f.location_id not in elsewhere}
    if not unseen:
        return 0, None
    why_not = doubt(scan)
    gone = [] if why_not else [f for p, f in unseen.items() if _certainly_gone(scan, p)]
    why_not = why_not or (None if yes else _too_many(scan, len(gone)))
    if why_not:
        return 0, f"{os.fsdecode(scan.source.root.path)}: {why_not}"
    if not gone:
        return 0, None
    store.remove_locations([file.location_id for file in gone])
    return len(gone), None


def doubt(scan: Scan) -> str | None:
    """Why what was found may not be what the user has, in words; None if all looks well."""
    root = scan.source.root
    try:
        device = os.stat(root.path).st_dev
        empty = not os.listdir(root.path)
    except OSError as error:
        return f"cannot be read ({error.strerror}); nothing was removed"
    if empty or (isinstance(scan.source, FolderSource) and not scan.found):
        return "holds no pictures any more; is its disk mounted? Nothing was removed"
    if device != root.device:
        return "is on another disk than last time; nothing was removed in this run"
    return None


def _certainly_gone(scan: Scan, path: bytes) -> bool:
    return scan.source.covers(path) and is_gone(os.path.join(scan.source.root.path, path))


def _too_many(scan: Scan, gone: int) -> str | None:
    if gone <= FEW or gone <= SMALL_PART * scan.known:
        return None
    return (
        f"{gone} of {scan.known} pictures are gone, which is a lot; "
        "run it again with --yes to remove them"
    )
