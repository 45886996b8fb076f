"""A library may lie among the pictures: it never takes its own thumbnails for some."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from indexer.libraries import refuse_libraries
from indexer.sources import FileSource, FolderSource, sources_for
from search.errors import SettingsError
from search.settings import Settings
from search.store import Store
from tests.pictures import write_picture

from .album import Album, counts
from .conftest import Indexer


@pytest.fixture
def inside(tmp_path: Path, settings: Settings) -> Album:
    """The library in the folder that it indexes."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    inside = settings.model_copy(update={"library": folder / "library", "workers": 2})
    return Album(Store.create(inside), inside, folder)


def thumbnails(folder: Path) -> list[bytes]:
    return [bytes(path.relative_to(folder)) for path in folder.rglob("thumbs/*/*.jpg")]


def test_a_library_among_the_pictures_finds_the_same_pictures_again(inside: Album) -> None:
    for seed in range(10):
        inside.picture(f"{seed}.png", seed)
    assert inside.add().added == 10
    for _ in range(3):
        assert inside.sync().found == 10
    assert len(thumbnails(inside.folder)) == 10


def test_the_parent_of_pictures_and_library_holds_the_pictures_alone(
    album: Album, tmp_path: Path
) -> None:
    for seed in range(10):
        album.picture(f"{seed}.png", seed)
    album.add()
    assert album.add(tmp_path).found == 10
    assert album.sync().found == 10


def test_the_library_of_somebody_else_is_passed_by_too(album: Album, inside: Album) -> None:
    inside.picture("a.png", 1)
    inside.add()
    report = album.add(inside.folder)
    assert (report.found, report.added) == (1, 1)


def test_ones_own_thumbnails_are_known_by_any_path(album: Album, tmp_path: Path) -> None:
    album.picture("a.png", 1)
    album.add()
    shutil.move(tmp_path / "library" / "thumbs", tmp_path / "elsewhere")
    (tmp_path / "library" / "thumbs").symlink_to(tmp_path / "elsewhere")
    (source,) = sources_for(album.store, "default", [bytes(tmp_path / "elsewhere")])
    assert list(source.files()) == []


def test_a_folder_called_thumbs_without_a_library_beside_it_is_one_like_others(
    album: Album,
) -> None:
    album.picture("thumbs/a.png", 1)
    assert counts(album.add()) == {"added": 1}


def test_pictures_in_a_library_beside_its_thumbnails_are_found(inside: Album) -> None:
    write_picture(inside.folder / "library" / "mine" / "a.png", 1)
    assert inside.add().added == 1
    assert inside.add().found == 1


def test_a_library_that_has_eaten_its_thumbnails_lets_them_go(inside: Album) -> None:
    for seed in range(104):
        inside.picture(f"{seed}.png", seed)
    inside.add()
    (root,) = inside.store.roots.all()
    eaten = thumbnails(inside.folder)
    report = inside.run([FileSource(root, eaten)])  # as an older version did
    assert report.added == len(inside.images) - 104 == len(eaten)
    report = inside.sync()
    assert (report.found, report.removed, report.refusals) == (104, 104, ())
    assert len(inside.images) == 104
    assert inside.sync().removed == 0
    assert sorted(thumbnails(inside.folder)) == sorted(eaten)


def test_the_library_itself_is_refused_and_not_made(indexer: Indexer, tmp_path: Path) -> None:
    library = tmp_path / "library"
    write_picture(library / "a.png", 1)
    done = indexer("add", str(library))
    assert (done.code, done.out) == (2, "")
    assert "this is a library, not a folder of pictures" in done.err
    assert os.listdir(library) == ["a.png"]


@pytest.mark.parametrize("name", ["library", "library/thumbs", "link", "link/thumbs/aa"])
def test_a_library_and_its_thumbnails_are_refused_by_any_path(
    inside: Album, tmp_path: Path, name: str
) -> None:
    (inside.folder / "library" / "thumbs" / "aa").mkdir(parents=True)
    (inside.folder / "link").symlink_to(inside.folder / "library")
    with pytest.raises(SettingsError, match="library"):
        refuse_libraries([bytes(inside.folder / name)], tmp_path / "another library")


def test_a_folder_beside_the_thumbnails_is_not_refused(inside: Album) -> None:
    (inside.folder / "library" / "thumbs").mkdir()
    mine = inside.folder / "library" / "mine"
    mine.mkdir()
    refuse_libraries([bytes(mine), bytes(inside.folder)], inside.settings.library)


def test_a_source_says_what_it_took_for_thumbnails(inside: Album) -> None:
    inside.picture("a.png", 1)
    inside.add()
    (source,) = sources_for(inside.store, "default", [bytes(inside.folder)])
    assert isinstance(source, FolderSource)
    list(source.files())
    assert source.is_thumbnail(b"library/thumbs/aa/b.jpg")
    assert not source.is_thumbnail(b"library/a.jpg")
    assert not source.is_thumbnail(b"a.png")


def test_a_librarys_own_files_are_not_counted(inside: Album) -> None:
    inside.picture("a.png", 1)
    library = inside.settings.library
    (library / "config.toml").write_text("")
    (library / "lock").touch()
    (library / "write.lock").touch()
    (library / "server.json").write_text("{}")
    (library / "damaged-20260102-030405").mkdir()
    shutil.copy(library / "catalog.db", library / "damaged-20260102-030405")
    assert counts(inside.add()) == {"added": 1}
    (library / "notes.txt").touch()
    (inside.folder / "lock").touch()
    assert counts(inside.add()) == {"unchanged": 1, "ignored": 2}
