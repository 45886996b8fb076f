"""`indexer status`: the folders that were added, when, and what they cost on the disk."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer.commands.status import sizes
from search.settings import Settings
from tests.disks import as_nobody
from tests.indexer.conftest import Indexer
from tests.indexer.indexed import index
from tests.pictures import write_picture


@pytest.fixture
def photos(tmp_path: Path, settings: Settings) -> Path:
    """A folder of two pictures, and one file named in another folder."""
    for seed in range(2):
        write_picture(tmp_path / "photos" / f"{seed}.png", seed)
    index(settings, tmp_path / "photos", write_picture(tmp_path / "loose" / "a.png", 7))
    return tmp_path / "photos"


def test_status_lists_the_folders_with_their_last_run(indexer: Indexer, photos: Path) -> None:
    whole, named = indexer("status", "--json").summary["roots"]
    at = datetime.fromisoformat(whole.pop("last_run"))
    assert timedelta(0) <= datetime.now(UTC) - at < timedelta(hours=1)
    assert whole == {"path": str(photos), "collection": "default", "files": 2, "whole": True}
    assert (named["path"], named["files"]) == (str(photos.parent / "loose"), 1)
    told = indexer("status").out
    assert f"folder       {photos}: 2 files in default, scanned {at.astimezone():%Y-%m-%d}" in told
    assert "1 named file in default" in told


def test_a_folder_of_a_library_that_kept_no_times_has_no_last_run(
    indexer: Indexer, photos: Path, settings: Settings
) -> None:
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("DELETE FROM scan")  # as one that an earlier version made
    assert [r["last_run"] for r in indexer("status", "--json").summary["roots"]] == [None, None]
    assert f"{photos}: 2 files in default, never" in indexer("status").out


@pytest.mark.usefixtures("photos")
def test_status_says_the_size_on_disk_and_where_the_model_runs(
    indexer: Indexer, settings: Settings
) -> None:
    told = indexer("status", "--json").summary
    files = [f for f in settings.library.rglob("*") if f.name.startswith("catalog.db")]
    thumbnails = list((settings.library / "thumbs").rglob("*.jpg"))
    assert len(thumbnails) == 3
    assert told["disk_bytes"] >= sum(f.stat().st_size for f in [*files, *thumbnails])
    assert told["device"] == "cpu" or told["device"].startswith("cuda:")
    (settings.library / "config.toml").write_text('device = "cpu"')
    assert "device       cpu (asked for)" in indexer("status").out


def test_files_that_go_while_they_are_counted_cost_no_other(
    indexer: Indexer, photos: Path, settings: Settings
) -> None:
    folder = settings.library / "thumbs" / "ab"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(bytes(1_000_000 + number))
    (settings.library / "catalog.db-gone").symlink_to(folder / "nothing")
    counting = sizes(settings.library)
    first = next(size for size in counting if size >= 1_000_000) - 1_000_000
    (folder / f"{(first + 1) % 3}.jpg").unlink()
    left = [size for size in counting if size >= 1_000_000]
    assert left == [1_000_000 + (first + 2) % 3]
    assert indexer("status").code == 0


@pytest.mark.usefixtures("photos")
def test_a_folder_that_may_not_be_read_costs_no_other(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(settings.library, library := Path(tempfile.mkdtemp()) / "library")
    library.parent.chmod(0o755)
    whole = sum(sizes(library))
    forbidden = library / "thumbs" / "00"
    forbidden.mkdir(mode=0o700)
    (forbidden / "a.jpg").write_bytes(bytes(1000))
    assert as_nobody(lambda: sum(sizes(library))) == str(whole)
    shutil.rmtree(library.parent)


def test_one_of_a_kind_is_singular(indexer: Indexer, tmp_path: Path, settings: Settings) -> None:
    index(settings, write_picture(tmp_path / "one" / "a.png", 1).parent)
    told = indexer("status").out
    assert "1 at 1 place\n" in told
    assert "default: 1 image\n" in told
    assert "1 picture in " in indexer("sync").out
