"""A disk that fails now and then: one file costs one file, and nothing is taken for deleted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from indexer.sources import FolderSource
from search.details import FOLDER

from .album import Album, counts


def listing(folder: Path, failing: Path, call: str, when: str) -> dict[str, Any]:
    """What the source of `folder` finds while a system call on one path fails with EIO."""
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("strace is not installed")
    inject = f"inject={call}:error=EIO:when={when}"
    command = [strace, "-qq", "-o", "/dev/null", "-P", str(failing), "-e", inject, sys.executable]
    done = subprocess.run(
        [*command, "-m", "tests.indexer.listing", str(folder)], capture_output=True, text=True
    )
    if done.returncode and "ptrace" in done.stderr.lower():
        pytest.skip(f"strace may not run here: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_one_file_that_cannot_be_asked_costs_no_other_file(album: Album) -> None:
    for seed in range(10):
        album.picture(f"{seed}.png", seed)
    bad = album.folder / "4.png"
    told = listing(album.folder, bad, "newfstatat,statx,lstat", "1")
    assert told["failed"] == [[str(bad), "io_error", ""]]
    assert told["found"] == [f"{seed}.png" for seed in range(10) if seed != 4]
    assert "4.png" not in told["covered"]
    assert len(told["covered"]) == 9


def test_a_folder_whose_listing_breaks_off_keeps_what_was_read_and_covers_nothing(
    album: Album,
) -> None:
    for number in range(3000):
        (album.folder / f"a picture with a long name, number {number}.png").touch()
    told = listing(album.folder, album.folder, "getdents64", "2")
    assert told["failed"] == [[str(album.folder) + "/", "io_error", FOLDER]]
    assert 0 < len(told["found"]) < 3000
    assert told["covered"] == []


def test_a_file_that_could_not_be_asked_once_is_unchanged_later(album: Album) -> None:
    class Failing(FolderSource):
        def files(self) -> Any:
            for file in super().files():
                if file.path == b"4.png":
                    self._failed(file.path, OSError(5, "Input/output error"))
                else:
                    yield file

    for seed in range(10):
        album.picture(f"{seed}.png", seed)
    album.add()
    (root,) = album.store.roots.all()
    report = album.run([Failing(root)], prune=True)
    assert counts(report) == {"unchanged": 9, "skipped": 1}
    assert counts(album.sync()) == {"unchanged": 10}
    assert album.store.failures.all() == []
