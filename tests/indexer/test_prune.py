"""What sync removes, and above all what it does not: a disk that is away is not a deletion."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from search.records import LastScan
from tests.pictures import write_picture

from .album import Album, counts
from .mounts import mounted


def fill(folder: Path, seeds: range) -> list[Path]:
    return [write_picture(folder / f"{seed}.png", seed) for seed in seeds]


def last_scan(album: Album) -> LastScan:
    (root,) = album.store.roots.all()
    last = album.store.scans.last(root.id)
    assert last is not None
    return last


def file_systems_seen(album: Album, file_systems: dict[bytes, str]) -> None:
    """As if the last scan had seen these besides the folder's own."""
    (root,) = album.store.roots.all()
    seen = last_scan(album).file_systems | file_systems
    album.store.scans.complete(root.id, root.device, root.file_count, seen)


# disks inside a folder


def test_a_disk_inside_a_folder_that_is_gone_keeps_its_pictures(album: Album) -> None:
    fill(album.folder, range(30))
    with mounted(album.folder / "disk" / "two"):
        fill(album.folder / "disk" / "two" / "2024", range(30, 50))
        album.add()
    for options in ({}, {}, {"yes": True}):  # the second run must not have forgotten
        report = album.sync(**options)
        assert counts(report) == {"unchanged": 30}
        assert "disk/two is not mounted" in report.refusals[0]
    (album.folder / "disk" / "two").rmdir()
    (album.folder / "disk").rmdir()
    assert counts(album.sync()) == {"unchanged": 30}
    assert len(album.images) == 50


def test_a_disk_that_comes_back_and_lost_a_picture_meanwhile_loses_it_here_too(
    album: Album,
) -> None:
    disk = album.folder / "disk"
    fill(album.folder, range(5))
    with mounted(disk):
        fill(disk, range(5, 15))
        album.add()
    album.sync()
    with mounted(disk):  # another one, with a copy of nearly all
        fill(disk, range(5, 14))
        report = album.sync()
        assert counts(report) == {"unchanged": 14}
        assert len(report.refusals) == 1
        assert counts(album.sync()) == {"unchanged": 14, "removed": 1}


def test_a_disk_mounted_over_pictures_hides_them_and_removes_none(album: Album) -> None:
    fill(album.folder / "old", range(5))
    fill(album.folder, range(5, 10))
    album.add()
    with mounted(album.folder / "old"):
        for _ in range(2):
            assert counts(album.sync()) == {"unchanged": 5}
    assert counts(album.sync()) == {"unchanged": 10}


def test_a_deleted_picture_beside_a_disk_that_is_gone_is_removed(album: Album) -> None:
    fill(album.folder / "disk", range(5))
    first, *_ = fill(album.folder, range(5, 10))
    album.add()
    file_systems_seen(album, {b"disk": "uuid:of a disk that was there"})
    for path in (album.folder / "disk").iterdir():
        path.unlink()
    first.unlink()
    report = album.sync()
    assert counts(report) == {"unchanged": 4, "removed": 1}
    assert "disk is not mounted" in report.refusals[0]
    assert len(album.images) == 9


def test_a_disk_whose_pictures_moved_to_the_folders_own_disk_is_forgotten(album: Album) -> None:
    fill(album.folder / "disk", range(5))
    album.add()
    file_systems_seen(album, {b"disk": "uuid:of a disk that was there"})
    assert counts(album.sync()) == {"unchanged": 5}
    assert list(last_scan(album).file_systems) == [b""]


def test_an_added_folder_remembers_the_disks_of_those_that_it_takes_over(album: Album) -> None:
    with mounted(album.folder / "disk"):
        fill(album.folder / "disk", range(5))
        album.add(album.folder / "disk")
    fill(album.folder, range(5, 10))
    album.add()
    report = album.sync()
    assert (report.removed, len(report.refusals)) == (0, 1)
    assert len(album.images) == 10


# the folder's own disk


def test_another_disk_at_the_folders_place_removes_nothing(album: Album) -> None:
    with mounted(album.folder):
        fill(album.folder, range(50))
        album.add()
    with mounted(album.folder):
        fill(album.folder, range(3))
        for _ in range(2):
            report = album.sync(yes=True)
            assert report.removed == 0
            assert "another disk" in report.refusals[0]
    assert len(album.images) == 50


def test_a_disk_with_the_same_number_is_another_one(album: Album) -> None:
    fill(album.folder, range(5))
    album.add()
    file_systems_seen(album, {b"": "uuid:of another disk with the same number"})
    (album.folder / "0.png").unlink()
    assert counts(album.sync()) == {"unchanged": 4}
    assert counts(album.sync()) == {"unchanged": 4, "removed": 1}


def test_a_library_of_an_older_version_is_pruned_in_its_first_sync(
    album: Album, tmp_path: Path
) -> None:
    fill(album.folder, range(5))
    album.add()
    with sqlite3.connect(tmp_path / "library" / "catalog.db") as database:
        database.execute("DELETE FROM scan")
    (album.folder / "0.png").unlink()
    assert counts(album.sync()) == {"unchanged": 4, "removed": 1}
    assert last_scan(album).finished_at is not None


# a disk that is away, and a copy of it elsewhere


def test_a_copy_of_a_disk_that_is_away_is_a_copy_and_no_move(album: Album, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with mounted(album.folder) as disk:
        fill(disk, range(3))
        album.add()
        before = album.images
        shutil.copytree(disk, copy)
    assert counts(album.add(copy)) == {"duplicates": 3}
    with mounted(album.folder) as disk:
        shutil.copytree(copy, disk, dirs_exist_ok=True)
        assert album.sync().found == 6
    assert {id_: len(paths) for id_, paths in album.images.items()} == dict.fromkeys(before, 2)


def test_a_copy_of_a_disk_inside_a_folder_that_is_away_is_a_copy_too(album: Album) -> None:
    fill(album.folder, range(3, 6))
    with mounted(album.folder / "disk") as disk:
        fill(disk, range(3))
        album.add()
        shutil.copytree(disk, album.folder / "copy")
    assert counts(album.add()) == {"unchanged": 3, "duplicates": 3}


def test_a_disk_of_which_no_scan_was_complete_is_known_by_its_number(
    album: Album, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    with mounted(album.folder) as disk:
        fill(disk, range(3))
        album.add()
        shutil.copytree(disk, copy)
    with sqlite3.connect(tmp_path / "library" / "catalog.db") as database:
        database.execute("DELETE FROM scan")
    assert counts(album.add(copy)) == {"duplicates": 3}


# a part of a folder


def test_a_new_part_that_is_empty_is_nothing_to_worry_about(album: Album) -> None:
    fill(album.folder / "old", range(3))
    album.add()
    (album.folder / "new").mkdir()
    (album.folder / "old" / "0.png").unlink()  # not what was asked for
    report = album.add(album.folder / "new", prune=True)
    assert (report.removed, report.refusals) == (0, ())


def test_a_part_that_lost_all_its_pictures_is_named_and_keeps_them(album: Album) -> None:
    fill(album.folder / "old", range(3))
    fill(album.folder / "new", range(3, 6))
    album.add()
    for path in (album.folder / "new").iterdir():
        path.unlink()
    report = album.add(album.folder / "new", prune=True)
    assert report.removed == 0
    assert report.refusals[0].startswith(f"{album.folder / 'new'}: holds no pictures any more")


# how much may go at once


def test_what_is_little_for_each_folder_may_be_much_for_all(album: Album, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abcd"]
    for number, folder in enumerate(folders):
        fill(folder, range(number * 40, number * 40 + 40))
        album.add(folder)
    for number, gone in ((0, 35), (1, 35), (2, 35), (3, 2)):
        for seed in range(number * 40, number * 40 + gone):
            (folders[number] / f"{seed}.png").unlink()
    report = album.sync()
    assert counts(report) == {"unchanged": 53, "removed": 2}  # a twentieth of its folder
    assert len(report.refusals) == 3
    assert all("--yes" in refusal for refusal in report.refusals)
    assert counts(album.sync(yes=True)) == {"unchanged": 53, "removed": 105}
