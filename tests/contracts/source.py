"""What every Source does. A test class inherits this and gives `make`: a root, and paths relative
to it of the pictures that are to be found -> source."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from indexer.sources import FoundFile, Source
from search.records import Root
from tests.pictures import write_picture

Make = Callable[[Root, Sequence[bytes]], Source]
NAMES = [b"a.png", b"2024/b.png", b"2024/beach/\xff\xfe\n.png"]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three pictures in three folders."""
    folder = tmp_path / "photos"
    for seed, name in enumerate(NAMES):
        write_picture(folder / os.fsdecode(name), seed)
    return folder


@pytest.fixture
def root(photos: Path) -> Root:
    return Root(1, "default", bytes(photos), photos.stat().st_dev, 0)


def found(source: Source) -> dict[bytes, FoundFile]:
    files = list(source.files())
    paths = {file.path: file for file in files}
    assert len(paths) == len(files), "a path was found twice"
    return paths


class SourceContract:
    def test_each_picture_is_found_once_with_size_and_time(self, make: Make, root: Root) -> None:
        source = make(root, NAMES)
        files = found(source)
        assert set(files) == set(NAMES)
        for path, file in files.items():
            about = os.stat(os.path.join(root.path, path))
            assert (file.size, file.mtime_ns) == (about.st_size, about.st_mtime_ns)

    def test_what_it_finds_it_covers(self, make: Make, root: Root) -> None:
        source = make(root, NAMES)
        assert all(source.covers(path) for path in found(source))

    def test_what_is_gone_is_covered_and_not_found(
        self, make: Make, root: Root, photos: Path
    ) -> None:
        source = make(root, NAMES)
        (photos / "a.png").unlink()
        assert set(found(source)) == set(NAMES[1:])
        assert source.covers(b"a.png")
        assert source.failures == []

    def test_a_file_that_changes_is_found_as_it_is_now(
        self, make: Make, root: Root, photos: Path
    ) -> None:
        source = make(root, NAMES)
        before = found(source)[b"a.png"]
        write_picture(photos / "a.png", 9, size=40)
        assert found(source)[b"a.png"].size == (photos / "a.png").stat().st_size != before.size

    def test_it_says_what_it_left_out(self, make: Make, root: Root) -> None:
        source = make(root, NAMES)
        found(source)
        assert (source.ignored, source.links, source.failures) == (0, [], [])
        assert not any(source.is_thumbnail(path) for path in NAMES)

    def test_it_has_all_that_a_source_has(self, make: Make, root: Root) -> None:
        source = make(root, NAMES)
        found(source)
        assert source.root == root
        assert source.named in (True, False)
        assert all(isinstance(name, str) for name in source.file_systems.values())
        assert [name for name in Source.__annotations__ if not hasattr(source, name)] == []
