"""`indexer sync`: what it says of folders and disks that are not there, and of the way out."""

from __future__ import annotations

import shutil
from pathlib import Path

from search.settings import Settings
from tests.indexer.conftest import Indexer
from tests.indexer.indexed import index
from tests.indexer.mounts import mounted
from tests.pictures import write_picture


def test_a_folder_that_is_gone_is_named_with_the_command_that_forgets_it(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    gone = write_picture(tmp_path / "my photos" / "a.png", 1).parent
    index(settings, gone, write_picture(tmp_path / "kept" / "b.png", 2).parent)
    shutil.rmtree(gone)
    ran = indexer("sync", "--json")
    assert (ran.code, ran.lines[0]["code"], ran.lines[0]["path"]) == (1, "root_missing", str(gone))
    assert f"`indexer remove '{gone}'" in indexer("sync", "--quiet").err


def test_a_folder_that_is_gone_and_held_nothing_is_only_noted(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    gone = tmp_path / "empty"
    gone.mkdir()
    index(settings, gone, write_picture(tmp_path / "kept" / "b.png", 2).parent)
    gone.rmdir()
    ran = indexer("sync")
    assert ran.code == 0
    assert f"`indexer remove {gone} " in ran.err
    assert "stay in the library" not in ran.err
    quiet = indexer("sync", "--quiet")
    assert (quiet.code, quiet.err) == (0, "")
    assert indexer("doctor").code == 0
    assert indexer("remove", str(gone)).code == 0
    assert indexer("sync").err == ""


def test_a_disk_that_is_gone_for_good_is_one_problem_and_has_a_way_out(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    photos, disk = tmp_path / "photos", tmp_path / "photos" / "disk2"
    write_picture(photos / "a.png", 1)
    with mounted(disk):
        for seed in range(2, 6):
            write_picture(disk / "2024" / f"{seed}.png", seed)
        index(settings, photos)
    ran = indexer("sync")
    assert ran.code == 1
    assert f"`indexer remove {disk} " in ran.err
    found = indexer("doctor", "--json")
    assert [(line["code"], line["path"]) for line in found.lines[:-1]] == [
        ("disk_missing", str(disk))
    ]
    told = indexer("doctor").out
    assert "4 pictures" in told
    assert f"`indexer remove {disk} " in told
    assert "indexer sync" not in told
    assert indexer("remove", str(disk)).code == 0
    assert indexer("sync").code == 0
    assert indexer("doctor").code == 0


def test_a_named_link_that_leads_nowhere_is_named(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    photos, away = tmp_path / "photos", tmp_path / "away"
    write_picture(photos / "a.png", 1)
    write_picture(away / "b.png", 2)
    (photos / "link").symlink_to(away)
    index(settings, photos, photos / "link")
    shutil.rmtree(away)
    ran = indexer("sync", "--json")
    assert (ran.code, ran.lines[0]["path"]) == (1, str(photos / "link"))
    assert ran.summary["unchanged"] == 1
    assert str(photos / "link") in indexer("status").out
