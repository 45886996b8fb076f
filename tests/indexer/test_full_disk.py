"""A library on a disk without space: what needs none is done, the rest says what is missing."""

from __future__ import annotations

from pathlib import Path

from search.settings import Settings
from tests.disks import small_disk
from tests.indexer.conftest import Indexer
from tests.indexer.indexed import index
from tests.pictures import write_picture


def test_a_run_that_finds_nothing_new_needs_no_space(indexer: Indexer, tmp_path: Path) -> None:
    photos = [write_picture(tmp_path / "photos" / f"{seed}.png", seed) for seed in range(5)]
    folder = photos[0].parent
    with small_disk(tmp_path / "disk") as disk:
        library = disk.path / "library"
        index(Settings(library=library), folder)
        disk.fill()
        for command in (["sync"], ["sync", str(folder)], ["add", str(folder)]):
            ran = indexer("--library", str(library), *command, "--json")
            assert (ran.code, ran.summary["unchanged"]) == (0, 5), ran.err
        photos[0].unlink()
        full = indexer("--library", str(library), "sync")
        assert full.code == 4
        assert "Free some space" in full.err
        disk.make_room()
        assert "1 removed" in indexer("--library", str(library), "sync").out
