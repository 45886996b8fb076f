"""`indexer remove`: what goes, what stays, and what stays out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from search.locks import run_lock
from search.settings import Settings
from search.store import Store
from tests.indexer.conftest import Indexer, Ran
from tests.indexer.indexed import index
from tests.pictures import set_age, write_picture

PICTURES = 10


@pytest.fixture
def photos(tmp_path: Path, settings: Settings) -> Path:
    """Ten pictures, and the same ten in `Backup`; both folders were added."""
    folder = tmp_path / "photos"
    for seed in range(PICTURES):
        write_picture(folder / f"{seed}.png", seed)
    shutil.copytree(folder, tmp_path / "Backup")
    index(settings, folder, tmp_path / "Backup")
    return folder


@pytest.fixture
def backup(photos: Path) -> Path:
    return photos.parent / "Backup"


def status(indexer: Indexer) -> tuple[int, int]:
    told = indexer("status", "--json").summary
    return told["images"], told["locations"]


def added(ran: Ran) -> tuple[int, int, int]:
    """What `add` and `sync` count: found, duplicates, left out."""
    told = ran.summary
    counts = ("added", "updated", "moved", "duplicates", "unchanged", "skipped")
    assert told["found"] == sum(told[name] for name in counts)
    return told["found"], told["duplicates"], told["left_out"]


def test_removing_a_backup_leaves_the_originals(indexer: Indexer, backup: Path) -> None:
    assert status(indexer) == (PICTURES, 2 * PICTURES)
    ran = indexer("remove", str(backup))
    assert ran.code == 0
    assert "10 places and 0 images removed" in ran.out
    assert "10 images stay" in ran.out
    assert status(indexer) == (PICTURES, PICTURES)
    assert len(list(backup.iterdir())) == PICTURES


def test_what_was_removed_by_its_path_stays_out_and_add_says_so(
    indexer: Indexer, backup: Path
) -> None:
    indexer("remove", str(backup))
    ran = indexer("add", str(backup))
    assert ran.code == 0
    assert "10 left out: removed before; `indexer add --include-removed" in ran.out
    assert added(indexer("add", str(backup), "--json")) == (0, 0, PICTURES)
    assert "1 left out" in indexer("add", str(backup / "3.png")).out
    assert added(indexer("add", str(backup), "--include-removed", "--json")) == (10, 10, 0)
    assert added(indexer("sync", "--json")) == (20, 0, 0)


def test_only_what_is_named_comes_in_again(indexer: Indexer, photos: Path, backup: Path) -> None:
    indexer("remove", str(backup), str(photos / "1.png"))
    assert added(indexer("add", str(backup / "3.png"), "--include-removed", "--json")) == (1, 1, 0)
    assert added(indexer("add", str(backup), "--json")) == (1, 0, 9)
    assert added(indexer("sync", str(photos), "--json")) == (9, 0, 1)


def test_an_image_goes_with_its_last_place(indexer: Indexer, photos: Path, backup: Path) -> None:
    assert indexer("remove", str(backup / "3.png"), "--json").summary["removed"] == 0
    assert indexer("remove", str(photos / "3.png"), "--json").summary["removed"] == 1
    assert status(indexer) == (PICTURES - 1, 2 * PICTURES - 2)


def test_an_id_takes_all_places_and_its_content_stays_out_wherever_it_lies(
    indexer: Indexer, photos: Path
) -> None:
    first = indexer("export", "--json").lines[0]
    assert len(first["locations"]) == 2
    told = indexer("remove", str(first["id"]), "--json").summary
    assert (told["removed"], told["places"]) == (1, 2)
    shutil.copy2(first["path"], photos / "again.png")
    assert added(indexer("sync", "--json")) == (18, 0, 3)
    assert "3 left out: removed before" in indexer("sync").out


def test_a_dry_run_says_how_much_and_by_name_what_would_go(
    indexer: Indexer, photos: Path, backup: Path
) -> None:
    ran = indexer("remove", "--dry-run", "-v", str(backup), str(photos / "3.png"))
    assert "11 places and 1 image would be removed" in ran.out
    assert str(backup / "3.png") in ran.err
    told = indexer("remove", "--dry-run", "--json", str(backup), str(photos / "3.png"))
    assert (told.summary["removed"], told.summary["found"], told.summary["places"]) == (0, 1, 11)
    assert {line["path"] for line in told.lines[:-1]} >= {str(photos / "3.png")}
    assert status(indexer) == (PICTURES, 2 * PICTURES)


def test_a_dry_run_waits_for_nobody_and_writes_nothing(
    indexer: Indexer, photos: Path, settings: Settings
) -> None:
    before = (settings.library / "catalog.db").read_bytes()
    with run_lock(settings.library, "add"):
        assert indexer("remove", str(photos)).code == 11
        ran = indexer("remove", "--dry-run", str(photos))
    assert "10 places and 0 images would be removed" in ran.out
    assert (settings.library / "catalog.db").read_bytes() == before


def test_a_skipped_file_that_is_named_twice_counts_once(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    for name in ("a.png", "b.png"):
        bad = tmp_path / "album" / name
        bad.parent.mkdir(exist_ok=True)
        bad.write_bytes(b"not a picture")
        set_age(bad, 3600)
    index(settings, bad.parent)
    ran = indexer("remove", "--dry-run", str(bad.parent), str(bad))
    assert "2 skipped files would be forgotten" in ran.out


def test_more_than_a_hundred_are_refused_without_yes_and_the_help_says_so(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    many = tmp_path / "many"
    for number in range(101):
        write_picture(many / f"{number}.png", 0)
    index(settings, many)
    ran = indexer("remove", str(many))
    assert ran.code == 2
    assert "101 places" in ran.err
    assert "--yes" in ran.err
    assert "Usage" not in ran.err
    assert status(indexer) == (1, 101)
    assert "refused" in indexer("remove", "--help").out
    assert indexer("remove", str(many), "--yes").code == 0
    assert status(indexer) == (0, 0)


def test_a_removed_folder_is_forgotten_so_that_sync_is_content(
    indexer: Indexer, backup: Path
) -> None:
    shutil.rmtree(backup)
    ran = indexer("sync", "--quiet")  # as cron would have it: what is wrong is said
    assert ran.code == 1
    assert "indexer remove" in ran.err
    told = indexer("remove", str(backup), "--json").summary
    assert told["roots"] == [str(backup)]
    assert indexer("sync").code == 0
    assert indexer("remove", str(backup)).code == 1


def test_a_folder_that_moved_and_is_empty_in_the_library_can_be_forgotten(
    indexer: Indexer, backup: Path, tmp_path: Path
) -> None:
    indexer("remove", str(tmp_path / "photos"))
    backup.rename(tmp_path / "Backup 2")
    assert indexer("add", str(tmp_path / "Backup 2"), "--json").summary["moved"] == PICTURES
    assert indexer("sync").code == 0  # nothing of it is at stake
    assert f"Folder forgotten: {backup}" in indexer("remove", str(backup)).out
    assert indexer("sync").code == 0
    assert status(indexer) == (PICTURES, PICTURES)


def test_the_folder_above_takes_the_folders_below_it_with_it(
    indexer: Indexer, backup: Path, tmp_path: Path
) -> None:
    told = indexer("remove", str(tmp_path), "--json").summary
    assert sorted(told["roots"]) == sorted([str(backup), str(tmp_path / "photos")])
    assert status(indexer) == (0, 0)


def test_a_part_of_a_folder_goes_and_the_folder_is_still_visited(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    album = tmp_path / "album"
    for seed, name in enumerate(("2023/a.png", "2023/b.png", "2024/c.png", "2023.png")):
        write_picture(album / name, seed)
    index(settings, album)
    told = indexer("remove", str(album / "2023"), "--json").summary
    assert (told["removed"], told["roots"]) == (2, [])
    assert added(indexer("sync", "--json")) == (2, 0, 2)


def test_what_could_not_be_indexed_goes_with_its_folder(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    write_picture(tmp_path / "album" / "a.png", 1)
    bad = tmp_path / "album" / "bad" / "b.png"
    bad.parent.mkdir()
    bad.write_bytes(b"not a picture")
    set_age(bad, 3600)
    index(settings, tmp_path / "album")
    assert indexer("status", "--json").summary["skipped"] == 1
    ran = indexer("remove", str(bad.parent))
    assert "1 skipped file forgotten" in ran.out
    assert indexer("status", "--json").summary["skipped"] == 0
    assert added(indexer("sync", "--json")) == (1, 0, 1)


def test_the_last_named_file_takes_its_folder_off_the_list(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    named = write_picture(tmp_path / "loose" / "a.png", 1)
    index(settings, named)
    indexer("remove", str(named))
    with Store.open(settings) as store:
        assert store.roots.all() == []


def test_the_same_file_in_two_collections_goes_from_both(
    indexer: Indexer, photos: Path, settings: Settings
) -> None:
    index(settings, photos, collection="second")
    told = indexer("remove", str(photos / "1.png"), "--json").summary
    assert (told["removed"], told["places"]) == (1, 2)


def test_a_link_to_what_was_added_is_told_where_it_leads_and_how_to_name_it(
    indexer: Indexer, photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "a link").symlink_to(photos)
    for inside in ("", next(photos.glob("*.png")).name):
        ran = indexer("remove", str(tmp_path / "a link" / inside))
        assert ran.code == 1
        assert f"`indexer remove {photos / inside}" in ran.err
    assert status(indexer)[0] == PICTURES


def test_what_was_added_by_a_link_is_told_by_that_name(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    write_picture(tmp_path / "disk" / "a.png", 77)
    (tmp_path / "a link").symlink_to("disk")
    index(settings, tmp_path / "a link")
    ran = indexer("remove", str(tmp_path / "disk" / "a.png"))
    assert f"`indexer remove '{tmp_path / 'a link' / 'a.png'}'" in ran.err
    assert indexer("remove", str(tmp_path / "nowhere")).code == 1
