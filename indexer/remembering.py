"""What a scan has seen, kept as the measure for the next one.

A folder that is on another disk than before is believed once most of its pictures were found there;
until then what was before is kept, for the disk that is missing may come back.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress

from search.store import Store

from .filesystems import holding
from .scan import Scan
from .sources import FolderSource


def remember(store: Store, scan: Scan) -> None:
    """To be called after `prune`. Nothing is kept of a scan that did not look at the whole root."""
    root = scan.source.root
    if not scan.found or not _looked_everywhere(scan):
        return
    last = store.scans.last(root.id)
    if last is None and len(scan.missing) > scan.known / 2:
        return
    before = last.file_systems if last else {}
    device = root.device
    with suppress(OSError):
        device = os.stat(root.path).st_dev
    store.scans.complete(root.id, device, scan.found, _believed(store, scan, before))


def _looked_everywhere(scan: Scan) -> bool:
    """What could not be read is among the failures and does not count here."""
    source = scan.source
    if isinstance(source, FolderSource):
        return not source.part
    return not source.root.whole and all(map(source.covers, scan.missing))


def _believed(store: Store, scan: Scan, before: Mapping[bytes, str]) -> dict[bytes, str]:
    """The file systems that were seen, and those that are missed."""
    seen = scan.source.file_systems
    folders = before.keys() | seen.keys()
    then = {folder: _of(before, folder) for folder in folders}
    now = {folder: _of(seen, folder) for folder in folders}
    other = [f for f in folders if then[f] not in (None, now[f])]
    doubtful = _doubtful(store, scan, folders, other) if other else set()
    kept = {f: then[f] if f in doubtful else now[f] for f in folders}
    return {f: id_ for f, id_ in kept.items() if id_ and (not f or id_ != _around(kept, f))}


def _doubtful(
    store: Store, scan: Scan, folders: Container[bytes], other: Iterable[bytes]
) -> set[bytes]:
    """Folders that could not be read, and those most of whose pictures are missing."""
    known, missing = _by_folder(store.files.known(scan.source.root), scan, folders)
    source = scan.source
    return {
        folder
        for folder in other
        if not (source.named or source.covers(folder))
        or missing.get(folder, 0) > known.get(folder, 0) / 2
    }


def _by_folder(
    paths: Iterable[bytes], scan: Scan, folders: Container[bytes]
) -> tuple[dict[bytes, int], dict[bytes, int]]:
    """How many pictures are known in each of the folders, and how many of these are missing."""
    known: dict[bytes, int] = {}
    missing: dict[bytes, int] = {}
    for path in paths:
        folder = holding(folders, path)
        if folder is not None:
            known[folder] = known.get(folder, 0) + 1
            missing[folder] = missing.get(folder, 0) + (path in scan.missing)
    return known, missing


def _of(systems: Mapping[bytes, str], path: bytes) -> str | None:
    folder = holding(systems, path)
    return None if folder is None else systems[folder]


def _around(systems: Mapping[bytes, str | None], folder: bytes) -> str | None:
    outer = holding(systems, os.path.dirname(folder))
    return None if outer is None else systems[outer]
