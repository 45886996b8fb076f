"""A library on a disk without space: what needs none is done, the rest says what is missing."""

from __future__ import annotations

from pathlib import Path

from search.settings import Settings
from tests.disks import small_disk
from tests.indexer.conftest import Indexer
from tests.indexer.indexed import index
from tests.pictures import write_picture


def test_a_sync_that_finds_nothing_new_needs_no_space(indexer: Indexer, tmp_path: Path) -> None:
    photos = [write_picture(tmp_path / "photos" / f"{seed}.png", seed) for seed in range(5)]
    with small_disk(tmp_path / "disk") as disk:
        library = disk.path / "library"
        index(Settings(library=library), photos[0].parent)
        disk.fill()
        sync = ("--library", str(library), "sync", "--json")
        ran = indexer(*sync)
        assert (ran.code, ran.summary["unchanged"]) == (0, 5), ran.err
        photos[0].unlink()
        full = indexer(*sync)
        assert full.code == 4
        assert "Free some space" in full.err
        disk.make_room()
        assert indexer(*sync).summary["removed"] == 1
