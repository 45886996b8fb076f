"""`indexer doctor`: what it says of folders that are gone, and while it repairs."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from search.settings import Settings
from tests.indexer.conftest import Indexer
from tests.indexer.indexed import index
from tests.pictures import write_picture


@pytest.fixture
def disk(tmp_path: Path, settings: Settings) -> Path:
    """A folder of twelve pictures, beside a folder of one."""
    for seed in range(12):
        write_picture(tmp_path / "disk" / f"{seed}.png", seed)
    index(settings, tmp_path / "disk", write_picture(tmp_path / "home" / "a.png", 99).parent)
    return tmp_path / "disk"


def test_a_folder_that_is_gone_is_one_problem(indexer: Indexer, disk: Path) -> None:
    shutil.rmtree(disk)
    ran = indexer("doctor", "--json")
    assert [(line["code"], line["path"]) for line in ran.lines[:-1]] == [
        ("root_missing", str(disk))
    ]
    assert (ran.code, ran.summary["problems"]) == (1, 1)
    told = indexer("doctor").out
    assert "12 pictures" in told
    assert "indexer remove" in told
    assert "1 problem." in told
    assert indexer("remove", str(disk)).code == 0
    assert indexer("doctor").code == 0


def test_a_mount_point_without_its_disk_is_one_problem(indexer: Indexer, disk: Path) -> None:
    shutil.rmtree(disk)
    disk.mkdir()
    assert [line.get("code") for line in indexer("doctor", "--json").lines] == [
        "root_missing",
        None,
    ]


def test_an_empty_folder_of_which_nothing_is_indexed_is_no_problem(
    indexer: Indexer, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "empty").mkdir()
    index(settings, tmp_path / "empty")
    assert indexer("doctor").code == 0


def test_single_files_are_named_one_by_one(indexer: Indexer, disk: Path) -> None:
    (disk / "3.png").unlink()
    (disk / "7.png").unlink()
    found = indexer("doctor", "--json").lines[:-1]
    assert [line["code"] for line in found] == ["file_missing"] * 2
    assert {line["path"] for line in found} == {str(disk / "3.png"), str(disk / "7.png")}


@pytest.mark.usefixtures("disk")
def test_a_repair_does_not_advise_itself_and_one_is_enough(
    indexer: Indexer, settings: Settings
) -> None:
    next((settings.library / "thumbs").rglob("*.jpg")).unlink()
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("UPDATE image SET width = width + 1 WHERE id = 3")
    assert "doctor --repair" in indexer("doctor", "--deep").out
    ran = indexer("doctor", "--repair")
    assert "image_damaged" in ran.out
    assert "doctor --repair" not in ran.out
    assert indexer("doctor", "--deep").code == 0


def test_a_damaged_thumbnail_is_named_and_made_again(
    indexer: Indexer, disk: Path, settings: Settings
) -> None:
    first, second = sorted((settings.library / "thumbs").rglob("*.jpg"))[:2]
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) // 2])
    second.write_bytes(b"")
    assert indexer("doctor").code == 0
    ran = indexer("doctor", "--deep", "--json")
    assert [line["code"] for line in ran.lines[:-1]] == ["thumbnail_damaged"] * 2
    assert ran.code == 1
    assert all(line["path"].endswith(".png") for line in ran.lines[:-1])
    assert indexer("doctor", "--repair", "--json").summary["repaired"] == 2
    assert first.read_bytes() == whole
    assert indexer("doctor", "--deep").code == 0
