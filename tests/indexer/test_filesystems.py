"""File systems are told apart by what they are, not by the number that they were given."""

from __future__ import annotations

import os
from pathlib import Path

from indexer.filesystems import FileSystems, holding

from .mounts import mounted


def id_of(folder: Path) -> str:
    return FileSystems().at(bytes(folder))


def test_folders_of_one_disk_have_one_id(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert id_of(tmp_path / "a" / "b") == id_of(tmp_path)


def test_what_is_gone_belongs_to_the_nearest_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert id_of(tmp_path / "none" / "none.png") == id_of(tmp_path)
    assert id_of(tmp_path / "file" / "none.png") == id_of(tmp_path)


def test_two_disks_at_one_place_one_after_the_other_are_two(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with mounted(disk):
        first = id_of(disk)
        assert first != id_of(tmp_path)
    assert id_of(disk) == id_of(tmp_path)
    with mounted(disk):
        assert id_of(disk) != first


def test_the_deepest_folder_holds_a_path() -> None:
    folders = {b"", b"disk", b"disk/deep"}
    assert holding(folders, b"a.png") == b""
    assert holding(folders, b"disk2/a.png") == b""
    assert holding(folders, b"disk/a.png") == b"disk"
    assert holding(folders, b"disk/deep/er/a.png") == b"disk/deep"
    assert holding({b"disk"}, b"a.png") is None


def test_a_dangling_link_to_a_disk_hides_no_other(tmp_path: Path) -> None:
    """As udev leaves one for a moment when a disk is pulled out."""
    by_uuid = tmp_path / "by-uuid"
    by_uuid.mkdir()
    for name in ("gone-1", "gone-2", "gone-3"):
        (by_uuid / name).symlink_to(tmp_path / "pulled out")
    (by_uuid / "1234-ABCD").symlink_to(os.devnull)  # any device will do
    for name in ("gone-4", "gone-5", "gone-6"):
        (by_uuid / name).symlink_to(tmp_path / "pulled out")
    number = os.stat(os.devnull).st_rdev
    found = FileSystems(bytes(by_uuid)).id_of(bytes(tmp_path), number)
    assert found == "uuid:1234-ABCD"
