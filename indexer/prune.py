"""Places whose files are gone. A folder that looks wrong removes nothing.

The worst that a photo library can do is to take an unmounted disk for a deleted collection.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from search.records import KnownFile
from search.store import Store

from .absence import Absent
from .filesystems import FileSystems
from .scan import Scan
from .sources import FolderSource, is_gone

SMALL_PART = 0.1  # of a root: less than that is always removed
FEW = 100  # images of all roots together: likewise


@dataclass(slots=True)
class _Missing:
    """What a scan did not find, by what is to be done."""

    thumbnails: list[int] = field(default_factory=list)  # ids of locations that never were pictures
    gone: list[int] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)  # why the others stay, in words


def prune(
    store: Store, scans: Sequence[Scan], moved: Iterable[int] = (), *, yes: bool = False
) -> tuple[int, tuple[str, ...]]:
    """Remove what was not found and certainly is gone: how many places, and why others were not.

    `moved`: ids of locations that stand somewhere else by now. What is little is judged by all
    roots of a run together: four disks that lose a little each are one large loss.
    """
    elsewhere = set(moved)
    found = [(scan, _missing(store, scan, elsewhere)) for scan in scans]
    many = sum(len(missing.gone) for _, missing in found) > FEW and not yes
    removed, refusals = 0, []
    for scan, missing in found:
        going = missing.thumbnails
        if many and len(missing.gone) > SMALL_PART * scan.known:
            missing.refusals.append(_too_many(scan, len(missing.gone)))
        else:
            going = going + missing.gone
        if going:
            store.files.remove(going)
        removed += len(going)
        refusals += [f"{_name(scan)}: {why}" for why in missing.refusals]
    return removed, tuple(refusals)


def _missing(store: Store, scan: Scan, elsewhere: set[int]) -> _Missing:
    found = _Missing()
    unseen: dict[bytes, KnownFile] = {}
    for path, file in scan.missing.items():
        if scan.source.is_thumbnail(path):
            found.thumbnails.append(file.location_id)
        elif file.location_id not in elsewhere and scan.source.asked_for(path):
            unseen[path] = file
    if not unseen:
        return found
    if why_not := doubt(store, scan):
        found.refusals.append(why_not)
        return found
    absent = Absent(store, scan.source.root)
    gone = [path for path in unseen if _certainly_gone(scan, path)]
    found.gone = [unseen[path].location_id for path in gone if not absent.held(path)]
    found.refusals += absent.words()
    return found


def doubt(store: Store, scan: Scan) -> str | None:
    """Why what was found may not be what the user has, in words; None if all looks well."""
    root = scan.source.root
    try:
        device = os.stat(root.path).st_dev
        empty = not os.listdir(_folder(scan))
    except OSError as error:
        return f"cannot be read ({error.strerror}); nothing was removed"
    if empty or (isinstance(scan.source, FolderSource) and not scan.found):
        return "holds no pictures any more; is its disk mounted? Nothing was removed"
    known = store.scans.last(root.id)
    before = known and known.file_systems.get(b"")
    now = FileSystems().id_of(root.path, device)
    if (before != now) if before else (device != root.device):
        return "is on another disk than last time; nothing was removed in this run"
    return None


def _certainly_gone(scan: Scan, path: bytes) -> bool:
    return scan.source.covers(path) and is_gone(os.path.join(scan.source.root.path, path))


def _too_many(scan: Scan, gone: int) -> str:
    return (
        f"{gone} of {scan.known} pictures are gone, which is a lot; "
        "run it again with --yes to remove them"
    )


def _folder(scan: Scan) -> bytes:
    """That was to be looked at: the root, or a part of it."""
    source = scan.source
    part = source.part if isinstance(source, FolderSource) else b""
    return os.path.join(source.root.path, part) if part else source.root.path


def _name(scan: Scan) -> str:
    return os.fsdecode(_folder(scan))
