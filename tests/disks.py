"""Disks on which things go wrong: full ones, read-only ones, ones that fail now and then."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

CAP_SYS_ADMIN = 1 << 21


class Disk:
    """A small file system in memory, mounted at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        """To the last byte."""
        with open(self._ballast, "ab", buffering=0) as file:
            for block in (1 << 16, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(block))
                except OSError:
                    continue

    def make_room(self) -> None:
        self._ballast.unlink()

    def make_read_only(self) -> None:
        _mount("-o", "remount,ro", str(self.path))


@contextmanager
def small_disk(path: Path, size: str = "8m") -> Iterator[Disk]:
    """Skips where mounting is not allowed; see `cannot_mount`."""
    path.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path))
    except (OSError, subprocess.CalledProcessError) as error:
        cannot_mount(f"a file system cannot be mounted here: {error}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def cannot_mount(why: str) -> NoReturn:
    """Skips the test. Under CI that fails where the process may mount: what these tests guard
    would go unguarded in silence."""
    if os.environ.get("CI") and may_mount():
        pytest.fail(why)
    pytest.skip(why)


def may_mount() -> bool:
    """Whether this process holds CAP_SYS_ADMIN: root in a container often does not."""
    told = Path("/proc/self/status").read_text()
    held = next(line.split()[1] for line in told.splitlines() if line.startswith("CapEff"))
    return bool(int(held, 16) & CAP_SYS_ADMIN)


def as_nobody(work: Callable[[], object]) -> str:
    """What `work` gives, or raises, done by a user who owns nothing; skips where we cannot."""
    if os.geteuid() != 0:
        pytest.skip("only root may become another user")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _become_nobody(work, writing)
    os.close(writing)
    with open(reading) as said:
        told = said.read()
    os.waitpid(child, 0)
    return told


def _become_nobody(work: Callable[[], object], writing: int) -> None:
    try:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        os.write(writing, str(work()).encode())
    except BaseException as error:
        os.write(writing, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(0)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
