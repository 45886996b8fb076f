"""Which files a folder offers, and which it passes over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.sources import FileSource, FolderSource, Source, source_of, sources_for, sources_of
from search.errors import PomonaError
from search.store import Store
from tests.pictures import encoded, noise, write_picture


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def only(store: Store, *paths: Path) -> Source:
    (source,) = sources_for(store, "default", [bytes(path) for path in paths])
    return source


def names(source: Source) -> set[str]:
    return {os.fsdecode(file.path) for file in source.files()}


def test_pictures_of_all_levels_are_found_by_extension(store: Store, photos: Path) -> None:
    for name in ("a.jpg", "B.JPEG", "2024/beach/c.heic", "raw.NEF", "x.tar.png"):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        (photos / name).write_bytes(b"x")
    for name in ("notes.txt", "film.mp4", "a.jpg.bak", "2024/list.csv"):
        (photos / name).write_bytes(b"x")
    source = only(store, photos)
    assert names(source) == {"a.jpg", "B.JPEG", "2024/beach/c.heic", "raw.NEF", "x.tar.png"}
    assert source.ignored == 4


def test_a_file_has_its_size_and_time(store: Store, photos: Path) -> None:
    path = write_picture(photos / "a.png", 1)
    (file,) = only(store, photos).files()
    assert file.size == path.stat().st_size
    assert file.mtime_ns == path.stat().st_mtime_ns


def test_files_without_an_extension_are_told_by_their_first_bytes(
    store: Store, photos: Path
) -> None:
    (photos / "IMG_0001").write_bytes(encoded(noise(1), "JPEG"))
    (photos / "README").write_bytes(b"read me")
    source = only(store, photos)
    assert names(source) == {"IMG_0001"}
    assert source.ignored == 1


def test_files_and_folders_of_other_programs_are_passed_over(store: Store, photos: Path) -> None:
    for name in ("._a.jpg", ".hidden.png", ".thumbnails/b.png", "@eaDir/c.jpg", "__MACOSX/d.png"):
        write_picture(photos / name, 1)
    assert names(only(store, photos)) == set()


def test_links_are_not_followed_and_special_files_do_not_block(store: Store, photos: Path) -> None:
    write_picture(photos / "in" / "a.png", 1)
    (photos / "in" / "self").symlink_to(photos)
    (photos / "in" / "parent.png").symlink_to("..")
    (photos / "link.png").symlink_to(photos / "in" / "a.png")
    (photos / "dangling.png").symlink_to("nowhere")
    (photos / "zero.png").symlink_to("/dev/zero")
    os.mkfifo(photos / "pipe.png")
    os.mkfifo(photos / "pipe")
    assert names(only(store, photos)) == {"in/a.png"}


def test_a_root_that_is_a_link_is_walked_and_keeps_its_name(store: Store, tmp_path: Path) -> None:
    write_picture(tmp_path / "disk" / "a.png", 1)
    (tmp_path / "photos").symlink_to(tmp_path / "disk")
    source = only(store, tmp_path / "photos")
    assert names(source) == {"a.png"}
    assert source.root.path == bytes(tmp_path / "photos")


def test_odd_names_are_bytes_and_survive(store: Store, photos: Path) -> None:
    odd = [b"gr\xfc\xdfe.png", b"new\nline.png", "🍎.png".encode(), b"-rf.png", b"\x1b[31m.png"]
    odd.append(b"n" * 251 + b".png")
    for name in odd:
        Path(os.fsdecode(os.path.join(bytes(photos), name))).write_bytes(b"x")
    assert {file.path for file in only(store, photos).files()} == set(odd)


def test_a_deep_tree_is_no_problem(store: Store, photos: Path) -> None:
    deep = photos.joinpath(*["d"] * 300)
    deep.mkdir(parents=True)
    (deep / "a.png").write_bytes(b"x")
    assert len(names(only(store, photos))) == 1


def test_a_folder_that_is_missing_covers_nothing(store: Store, photos: Path) -> None:
    source = only(store, photos)
    photos.rmdir()
    assert names(source) == set()
    assert [failure.path for failure in source.failures] == [os.path.join(bytes(photos), b"")]
    assert not source.covers(b"a.png")


def test_a_path_that_does_not_exist_is_named(store: Store, photos: Path) -> None:
    with pytest.raises(PomonaError, match=r"none\.png"):
        sources_for(store, "default", [bytes(photos / "none.png")])


# what was named


def test_a_named_file_makes_its_folder_a_root_that_is_not_whole(store: Store, photos: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        write_picture(photos / name, 1)
    source = only(store, photos / "a.png", photos / "b.png")
    assert isinstance(source, FileSource)
    assert source.root.path == bytes(photos)
    assert not source.root.whole
    assert names(source) == {"a.png", "b.png"}


def test_a_named_file_may_have_any_extension_and_be_a_link(store: Store, photos: Path) -> None:
    write_picture(photos / "picture.dat", 1)
    (photos / "link").symlink_to(photos / "picture.dat")
    assert names(only(store, photos / "picture.dat")) == {"picture.dat"}
    assert names(only(store, photos / "link")) == {"link"}


def test_a_folder_that_is_added_later_becomes_whole(store: Store, photos: Path) -> None:
    write_picture(photos / "a.png", 1)
    first = only(store, photos / "a.png")
    second = only(store, photos)
    assert second.root.id == first.root.id
    assert second.root.whole
    assert isinstance(source_of(store, second.root), FolderSource)


def test_what_lies_in_a_whole_root_belongs_to_it(store: Store, photos: Path) -> None:
    write_picture(photos / "2024" / "a.png", 1)
    write_picture(photos / "b.png", 2)
    root = only(store, photos).root
    part = only(store, photos / "2024")
    file = only(store, photos / "2024" / "a.png")
    assert part.root.id == file.root.id == root.id
    assert names(part) == names(file) == {"2024/a.png"}
    assert part.covers(b"2024/gone.png")
    assert not part.covers(b"b.png")
    assert not file.covers(b"2024/gone.png")


def test_paths_that_lie_in_one_another_are_visited_once(store: Store, photos: Path) -> None:
    write_picture(photos / "2024" / "a.png", 1)
    given = [photos / "2024", photos, photos / "2024" / "a.png", photos]
    assert len(sources_for(store, "default", [bytes(path) for path in given])) == 1


def test_sync_looks_after_named_files_and_not_after_their_neighbours(
    store: Store, photos: Path
) -> None:
    write_picture(photos / "a.png", 1)
    write_picture(photos / "neighbour.png", 2)
    only(store, photos / "a.png")
    (source,) = sources_of(store)
    assert names(source) == set()  # nothing is indexed yet
    assert not source.covers(b"neighbour.png")


def test_relative_paths_are_made_absolute_without_following_links(
    store: Store, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_picture(photos / "a.png", 1)
    monkeypatch.chdir(photos.parent)
    (source,) = sources_for(store, "default", [b"photos/../photos/"])
    assert source.root.path == bytes(photos)
