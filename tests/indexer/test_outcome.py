"""How a run ended: in words that leave nothing out, and with which exit code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.outcome import in_words
from search.jobs import IngestReport
from search.settings import Settings
from tests.indexer.conftest import Indexer
from tests.indexer.indexed import index
from tests.pictures import set_age, write_picture

from .album import Album


@pytest.fixture
def messy(tmp_path: Path, settings: Settings) -> Path:
    """An indexed picture beside a broken one, other files, and links to files and folders."""
    folder = tmp_path / "messy"
    write_picture(folder / "a.png", 1)
    write_picture(tmp_path / "elsewhere" / "b.png", 2)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    set_age(folder / "broken.jpg", 3600)
    for name in ("film.mp4", "notes.txt"):
        (folder / name).write_text("not a picture")
    (folder / "linked.png").symlink_to(tmp_path / "elsewhere" / "b.png")
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    index(settings, folder)
    return folder


def test_a_broken_file_that_is_known_is_counted_and_does_not_fail_every_run(
    indexer: Indexer, messy: Path
) -> None:
    for arguments in (("add", str(messy)), ("sync",)):
        ran = indexer(*arguments, "--json")
        assert ran.code == 0
        assert (ran.summary["skipped"], ran.summary["newly_skipped"]) == (1, 0)
        assert ran.lines[-2]["path"] == str(messy / "broken.jpg")


@pytest.mark.parametrize("age", [3600, 0])  # what is just being written is read again
def test_files_that_are_skipped_for_the_first_time_or_again_on_demand_are_new(
    album: Album, age: float
) -> None:
    bad = album.folder / "bad.png"
    bad.write_bytes(b"not a picture")
    set_age(bad, age)
    assert album.add().newly_skipped == 1
    again = album.add()
    assert (again.skipped, again.newly_skipped) == (1, 0)
    assert album.add(retry=True).newly_skipped == 1
    bad.write_bytes(b"\x89PNG\r\n\x1a\n: broken in another way by now")
    assert album.add().newly_skipped == 1


def test_what_was_ignored_is_told_and_links_by_name_with_v(indexer: Indexer, messy: Path) -> None:
    ran = indexer("add", str(messy), "-v")
    assert (
        "Ignored: 2 files not named like a picture, 2 links not followed (-v names them)."
        in ran.out
    )
    for name in ("linked.png", "folder"):
        assert f"link not followed {messy / name}" in ran.err
    told = indexer("add", str(messy), "--json").summary
    assert (told["found"], told["ignored"], told["links"]) == (2, 4, 2)
    assert "link not followed" not in indexer("add", str(messy)).err


def test_a_link_that_is_named_is_followed(album: Album, tmp_path: Path) -> None:
    write_picture(tmp_path / "elsewhere" / "b.png", 2)
    os.symlink(tmp_path / "elsewhere", tmp_path / "link")
    assert album.add(tmp_path / "link").added == 1


def test_nothing_is_said_of_what_there_is_none() -> None:
    assert in_words(IngestReport(found=1, added=1)) == "1 picture in 0.0 s: 1 added."
    assert in_words(IngestReport()) == "0 pictures in 0.0 s: nothing to do."


def test_numbers_have_their_right_forms() -> None:
    report = IngestReport(found=1001, added=1000, duplicates=1, ignored=2, links=1)
    assert in_words(report) == (
        "1,001 pictures in 0.0 s: 1,000 added, 1 duplicate.\n"
        "Ignored: 1 file not named like a picture, 1 link not followed (-v names them)."
    )
