"""Nothing outside a root is ever opened, whoever swaps folders meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from search.beneath import open_beneath

SECRET = b"not for everyone"
REFUSED = (OSError, ValueError)  # ValueError: a NUL, before the system is asked


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of photos beside one that is nobody's business."""
    (tmp_path / "outside" / "sub").mkdir(parents=True)
    (tmp_path / "outside" / "a.jpg").write_bytes(SECRET)
    (tmp_path / "outside" / "sub" / "a.jpg").write_bytes(SECRET)
    folder = tmp_path / "photos" / "sub" / "deep"
    folder.mkdir(parents=True)
    for path in (tmp_path / "photos" / "a.jpg", folder.parent / "a.jpg", folder / "a.jpg"):
        path.write_bytes(b"a photo")
    return tmp_path / "photos"


def content(root: Path, path: bytes) -> bytes:
    with open_beneath(bytes(root), path) as file:
        return file.read()


@pytest.mark.parametrize("path", [b"a.jpg", b"sub/a.jpg", b"sub/deep/a.jpg"])
def test_files_at_any_depth_are_opened(root: Path, path: bytes) -> None:
    assert content(root, path) == b"a photo"


def test_a_root_may_be_a_link_or_lie_behind_one(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    (tmp_path / "up").symlink_to(tmp_path)
    for other in (tmp_path / "link", tmp_path / "up" / "photos", tmp_path / "link" / "sub"):
        assert content(other, b"a.jpg") == b"a photo"


def test_a_folder_that_may_be_entered_but_not_listed_will_do(root: Path) -> None:
    (root / "sub").chmod(0o311)
    assert content(root, b"sub/a.jpg") == b"a photo"


@pytest.mark.parametrize(
    ("link", "target", "path"),
    [
        ("link.jpg", "a.jpg", b"link.jpg"),
        ("link.jpg", "../outside/a.jpg", b"link.jpg"),
        ("sub/link.jpg", "deep/a.jpg", b"sub/link.jpg"),
        ("inside", "sub", b"inside/a.jpg"),
        ("inside", "sub", b"inside/deep/a.jpg"),
        ("out", "../outside", b"out/a.jpg"),
        ("sub/out", "../../outside", b"sub/out/a.jpg"),
        ("up", "..", b"up/outside/a.jpg"),
        ("slash", "/", b"slash/etc/passwd"),
    ],
)
def test_no_link_below_a_root_is_followed(root: Path, link: str, target: str, path: bytes) -> None:
    (root / link).symlink_to(target)
    assert os.path.exists(os.path.join(bytes(root), path))
    with pytest.raises(REFUSED):
        open_beneath(bytes(root), path)


@pytest.mark.parametrize(
    "path",
    [
        b"../outside/a.jpg",
        b"sub/../../outside/a.jpg",
        b"sub/../a.jpg",
        b"..",
        b".",
        b"",
        b"sub/",
        b"sub//a.jpg",
        b"./a.jpg",
        b"/etc/passwd",
        b"a.jpg\0",
    ],
)
def test_paths_out_of_the_root_are_refused(root: Path, path: bytes) -> None:
    with pytest.raises(REFUSED):
        open_beneath(bytes(root), path)


def test_only_regular_files_are_opened_and_a_pipe_does_not_hold_us(root: Path) -> None:
    os.mkfifo(root / "pipe.jpg")
    for path in (b"pipe.jpg", b"sub"):
        with pytest.raises(REFUSED):
            open_beneath(bytes(root), path)
    with pytest.raises(REFUSED):
        open_beneath(b"/dev", b"null")


def test_what_is_gone_is_an_error(root: Path) -> None:
    for path in (b"none.jpg", b"none/a.jpg", b"a.jpg/a.jpg"):
        with pytest.raises(REFUSED):
            open_beneath(bytes(root), path)
    with pytest.raises(FileNotFoundError):
        open_beneath(bytes(root / "none"), b"a.jpg")


def test_no_descriptor_stays_open(root: Path) -> None:
    os.mkfifo(root / "pipe.jpg")
    (root / "out").symlink_to("../outside")
    before = len(os.listdir("/proc/self/fd"))
    for path in (b"sub/deep/a.jpg", b"sub/none.jpg", b"out/a.jpg", b"pipe.jpg", b"sub/none/a.jpg"):
        with suppress(OSError):
            open_beneath(bytes(root), path).close()
    assert len(os.listdir("/proc/self/fd")) == before


SWAP = """
import os, sys
root, outside = sys.argv[1:]
os.chdir(root)
os.symlink(outside, "link")
print("ready", flush=True)
while True:
    os.rename("sub", "kept")
    os.rename("link", "sub")
    os.rename("sub", "link")
    os.rename("kept", "sub")
"""


@pytest.fixture
def swapped(root: Path) -> Iterator[Path]:
    """A root whose folder `sub` is, again and again, a link to a folder outside."""
    command = [sys.executable, "-c", SWAP, str(root), str(root.parent / "outside")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield root
        process.kill()


def test_a_folder_that_is_swapped_for_a_link_shows_nothing_of_outside(swapped: Path) -> None:
    seen = {b"a photo": 0, b"": 0}
    for _ in range(30_000):
        try:
            found = content(swapped, b"sub/a.jpg")
        except OSError:
            found = b""
        assert found in seen
        seen[found] += 1
    assert all(seen.values())  # it was there, and it was swapped
