"""Raw photographs are unsupported: not indexed as their preview, and not called damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.errors import ImageError, Reason
from search.images import LocalDecoder
from search.jobs import Stage
from search.records import Failure
from tests.pictures import encoded, noise, set_age

from .album import Album, counts
from .conftest import Indexer

NAMES = ("a.NEF", "b.dng", "c.CR2", "sub/d.arw", "e.orf", "f.iiq")


def raw(path: Path, seed: int) -> Path:
    """As cameras write it: a TIFF whose first picture is a preview."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(noise(seed, 160, 120), "TIFF"))
    set_age(path, 3600)
    return path


def test_raw_files_are_skipped_unopened_and_remembered(album: Album) -> None:
    for seed, name in enumerate(NAMES):
        raw(album.folder / name, seed).chmod(0)
    album.picture("a.jpg", 1)
    assert counts(album.add()) == {"added": 1, "skipped": len(NAMES)}
    assert {f.reason for f in album.recorder.skips} == {Reason.UNSUPPORTED_FORMAT}
    details = {Path(str(f.path, "utf-8")).name: f.detail for f in album.store.failures.all()}
    assert details["a.NEF"] == "NEF file"
    assert counts(album.sync()) == {"unchanged": 1, "skipped": len(NAMES)}
    assert {f.attempts for f in album.store.failures.all()} == {1}


def test_a_folder_of_raw_files_alone_needs_no_model_and_no_decoder(album: Album) -> None:
    raw(album.folder / "a.nef", 1)
    assert counts(album.add()) == {"skipped": 1}
    assert set(album.recorder.stages) == {Stage.SCAN}
    assert album.models_opened == 0


def test_a_named_raw_file_is_skipped_too(album: Album) -> None:
    assert counts(album.add(raw(album.folder / "a.nef", 1))) == {"skipped": 1}


def test_a_raw_file_that_an_older_version_called_damaged_is_so_no_longer(album: Album) -> None:
    path = raw(album.folder / "a.nef", 1)
    album.add()
    (root,), (now,) = album.store.roots.all(), album.store.failures.all()
    before = Failure(bytes(path), Reason.CORRUPT, "", stamp=now.stamp)
    album.store.failures.record(root, [(b"a.nef", before)])
    assert counts(album.sync()) == {"skipped": 1}
    assert album.store.failures.all()[0].reason is Reason.UNSUPPORTED_FORMAT


def test_a_raw_file_as_a_question_is_refused(tmp_path: Path) -> None:
    data = raw(tmp_path / "a.nef", 1).read_bytes()
    with pytest.raises(ImageError, match="format is not supported: NEF file") as caught:
        LocalDecoder().decode(data, (), uri="a.nef")
    assert caught.value.reason is Reason.UNSUPPORTED_FORMAT


def test_the_command_line_says_why(indexer: Indexer, tmp_path: Path) -> None:
    raw(tmp_path / "photos" / "a.nef", 1)
    assert indexer("add", str(tmp_path / "photos")).code == 3
    assert "the format is not supported: NEF file" in indexer("skipped").out
