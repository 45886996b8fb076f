"""Real file systems for tests, where this process may mount them."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.disks import cannot_mount


@contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    """Another file system at `folder`, empty; each time a new one. Skips the test where that is
    not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        cannot_mount("there is no mount command here")
    if done.returncode:
        cannot_mount(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def unanswering(folder: Path) -> Iterator[Path]:
    """A file system whose server never says a word, like a share whose machine is gone."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        cannot_mount(f"no FUSE here: {error}")
    options = f"fd={server},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if libc.mount(b"silence", bytes(folder), b"fuse", 0, options.encode()):
            cannot_mount(f"FUSE cannot be mounted here: {os.strerror(ctypes.get_errno())}")
        try:
            yield folder
        finally:
            libc.umount2(bytes(folder), 2)  # MNT_DETACH
    finally:
        os.close(server)  # whoever still waits gets an error
