"""What the store remembers of scans, also in a library that was made before it did."""

from __future__ import annotations

import os
import sqlite3

from search.records import Root
from search.settings import Settings
from search.store import Store

PHOTOS = b"/photos"


def root_of(store: Store, path: bytes = PHOTOS) -> Root:
    return store.roots.ensure("default", path, 1)


def test_a_root_that_was_never_scanned_has_no_last_scan(store: Store) -> None:
    assert store.scans.last(root_of(store).id) is None


def test_a_scan_is_remembered_with_its_time_and_file_systems(store: Store) -> None:
    root = root_of(store)
    systems = {b"": "fsid:1", b"disk\xff 2": "uuid:abc"}  # names need not be text
    store.scans.complete(root.id, 7, 12, systems)
    last = store.scans.last(root.id)
    assert last is not None
    assert last.file_systems == systems
    assert last.finished_at is not None
    (root,) = store.roots.all()
    assert (root.device, root.file_count) == (7, 12)


def test_the_last_scan_replaces_the_one_before(store: Store) -> None:
    root = root_of(store)
    store.scans.complete(root.id, 7, 12, {b"": "fsid:1", b"disk": "fsid:2"})
    store.scans.complete(root.id, 7, 12, {b"": "fsid:1"})
    last = store.scans.last(root.id)
    assert last is not None
    assert last.file_systems == {b"": "fsid:1"}


def test_a_root_that_takes_another_over_knows_its_file_systems_and_is_not_scanned_yet(
    store: Store,
) -> None:
    inner = root_of(store, os.path.join(PHOTOS, b"disk"))
    store.scans.complete(inner.id, 7, 12, {b"": "fsid:2", b"deep": "fsid:3"})
    last = store.scans.last(root_of(store).id)
    assert last is not None
    assert last.finished_at is None
    assert last.file_systems == {b"disk": "fsid:2", b"disk/deep": "fsid:3"}
    assert store.scans.last(inner.id) is None


def test_damaged_file_systems_are_unknown_ones(settings: Settings, store: Store) -> None:
    root = root_of(store)
    store.scans.complete(root.id, 7, 12, {b"": "fsid:1"})
    with sqlite3.connect(settings.library / "catalog.db") as database:
        database.execute('UPDATE scan SET file_systems = \'{"": "fs\'')
    last = store.scans.last(root.id)
    assert last is not None
    assert last.file_systems == {}
