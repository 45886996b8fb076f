"""What lies behind a link is nobody's part: it may be away by itself, and nothing goes for that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.sources import FolderSource
from search.records import Root

from .album import Album, counts


@pytest.fixture
def away(album: Album, tmp_path: Path) -> Path:
    """A folder of four pictures beside the album's, and a link to it there."""
    album.picture("a.png", 1)
    album.picture("b.png", 2)
    for seed in range(3, 6):
        album.picture(f"../away/{seed}.png", seed)
    album.picture("../away/in/6.png", 6)
    (album.folder / "link").symlink_to("../away")
    return tmp_path / "away"


def roots(album: Album) -> list[str]:
    return [Path(os.fsdecode(root.path)).name for root in album.store.roots.all()]


def as_before(album: Album) -> Root:
    """A library of the version before: a named link was a part of the folder around it."""
    album.add()
    (root,) = album.store.roots.all()
    assert album.run([FolderSource(root, b"link")]).added == 4
    return root


def test_a_link_that_leads_nowhere_keeps_its_pictures_until_it_is_back(
    album: Album, away: Path
) -> None:
    assert counts(album.add()) == {"added": 2, "ignored": 1}
    assert counts(album.add(album.folder / "link")) == {"added": 4}
    assert roots(album) == ["photos", "link"]
    away.rename(away.with_name("elsewhere"))
    for _ in range(2):
        assert album.sync().removed == 0
        assert len(album.images) == 6
    away.with_name("elsewhere").rename(away)
    assert counts(album.sync()) == {"unchanged": 6}


def test_sync_follows_what_happens_behind_a_named_link(album: Album, away: Path) -> None:
    album.add(album.folder, album.folder / "link")
    album.picture("../away/new.png", 9)
    (away / "3.png").unlink()
    assert counts(album.sync()) == {"added": 1, "removed": 1, "unchanged": 5}


@pytest.mark.parametrize("first", ["", "link"])
def test_a_link_may_be_named_in_any_order(album: Album, away: Path, first: str) -> None:
    second = "link" if not first else ""
    album.add(album.folder / first)
    album.add(album.folder / second)
    assert sorted(roots(album)) == ["link", "photos"]
    assert counts(album.sync()) == {"unchanged": 6}


def test_a_link_named_with_its_parent_is_followed(album: Album, away: Path) -> None:
    assert counts(album.add(album.folder, album.folder / "link")) == {"added": 6}
    assert album.recorder.links == []


def test_a_folder_below_a_named_link_is_a_part_of_it(album: Album, away: Path) -> None:
    album.add(album.folder, album.folder / "link")
    assert counts(album.add(album.folder / "link" / "in")) == {"unchanged": 1}
    assert roots(album) == ["photos", "link"]


def test_a_folder_behind_a_link_that_is_not_named_is_its_own(album: Album, away: Path) -> None:
    album.add()
    assert counts(album.add(album.folder / "link" / "in")) == {"added": 1}
    assert roots(album) == ["photos", "in"]
    album.add(album.folder / "link")
    assert roots(album) == ["photos", "link"]
    assert counts(album.sync()) == {"unchanged": 6}


def test_a_file_behind_a_link_is_kept_while_its_folder_is_away(album: Album, away: Path) -> None:
    album.add()
    album.add(album.folder / "link" / "3.png")
    away.rename(away.with_name("elsewhere"))
    album.sync()
    assert len(album.images) == 3


@pytest.mark.parametrize("whole", [True, False])
def test_a_link_to_a_file_belongs_to_its_folder_and_is_kept_while_that_is_away(
    album: Album, away: Path, whole: bool
) -> None:
    if whole:
        album.add()
    (album.folder / "one.png").symlink_to(away / "3.png")
    report = album.add(*([album.folder] if whole else []), album.folder / "one.png")
    assert report.added == 1
    assert roots(album) == ["photos"]
    away.rename(away.with_name("elsewhere"))
    album.sync()
    assert len(album.images) == (3 if whole else 1)
    away.with_name("elsewhere").rename(away)
    (album.folder / "one.png").unlink()
    assert album.sync().removed == 1


def test_removing_a_named_link_forgets_it_alone(album: Album, away: Path) -> None:
    album.add(album.folder, album.folder / "link")
    removal = album.store.removals.remove([bytes(album.folder / "link")])
    assert (len(removal.places), removal.roots) == (4, (bytes(album.folder / "link"),))
    assert roots(album) == ["photos"]
    assert counts(album.sync()) == {"unchanged": 2, "ignored": 1}


def test_a_link_that_becomes_a_folder_stays_its_own_and_is_found_once(
    album: Album, away: Path
) -> None:
    album.add(album.folder, album.folder / "link")
    (album.folder / "link").unlink()
    away.rename(album.folder / "link")
    assert counts(album.sync()) == {"unchanged": 6}
    assert counts(album.add()) == {"unchanged": 2}


# a library of the version before


def test_a_library_of_the_version_before_loses_nothing_that_is_behind_a_link(
    album: Album, away: Path
) -> None:
    as_before(album)
    away.rename(away.with_name("elsewhere"))
    for _ in range(2):
        assert counts(album.sync(yes=True)) == {"unchanged": 2, "ignored": 1}
        assert len(album.images) == 6
    assert counts(album.add()) == {"unchanged": 2, "ignored": 1}


@pytest.mark.parametrize("name", ["", "3.png"])
def test_a_link_that_is_added_again_takes_over_what_an_older_version_gave_its_parent(
    album: Album, away: Path, name: str
) -> None:
    root = as_before(album)
    ids = set(album.images)
    album.add(album.folder / "link" / name)
    assert roots(album) == ["photos", "link"]
    assert set(album.store.files.known(root)) == {b"a.png", b"b.png"}
    assert counts(album.sync()) == {"unchanged": 6, **({"ignored": 1} if name else {})}
    assert set(album.images) == ids
