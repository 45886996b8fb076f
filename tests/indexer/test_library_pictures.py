"""An image is read again from any of its files that still holds it."""

from __future__ import annotations

import shutil
from pathlib import Path

from indexer.library_pictures import reread
from tests.pictures import write_picture

from .album import Album


def read_again(album: Album) -> tuple[set[int], set[bytes], int]:
    """Ids of images that were read, paths that could not be, and how many were tried."""
    parts = list(reread(album.store, list(album.images), album.reader, album.views, album.settings))
    same = {record.id for part in parts for record, _ in part.same}
    unread = {failure.path for part in parts for _, failure in part.unread}
    return same, unread, sum(part.tried for part in parts)


def damage(path: Path) -> None:
    """One byte in the middle; the size stays."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def three(album: Album) -> None:
    """Three pictures; the first lies in three places."""
    first = album.picture("a.png", 1)
    for name in ("b.png", "c.png"):
        shutil.copy2(first, album.folder / name)
    album.picture("d.png", 2)
    album.picture("e.png", 3)
    album.add()


def test_a_picture_whose_first_file_was_damaged_is_read_from_its_copy(album: Album) -> None:
    three(album)
    damage(album.folder / "a.png")
    assert read_again(album) == (set(album.images), set(), 3)


def test_a_picture_with_neither_of_its_first_two_files_is_read_from_the_third(album: Album) -> None:
    three(album)
    (album.folder / "a.png").unlink()
    write_picture(album.folder / "b.png", 9)
    assert read_again(album) == (set(album.images), set(), 3)


def test_a_picture_with_no_good_file_counts_once_and_costs_no_other(album: Album) -> None:
    three(album)
    for name in ("a.png", "b.png", "c.png"):
        damage(album.folder / name)
    read, unread, tried = read_again(album)
    assert read == {album.id_of("d.png"), album.id_of("e.png")}
    assert len(unread) == 1
    assert unread <= {bytes(album.folder / name) for name in ("a.png", "b.png", "c.png")}
    assert tried == 3


def test_an_image_that_went_meanwhile_counts_as_tried(album: Album) -> None:
    three(album)
    ids = [*album.images, 999]
    parts = list(reread(album.store, ids, album.reader, album.views, album.settings))
    assert sum(part.tried for part in parts) == 4
