"""Reading a file once, whole, without leaving a trace."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from indexer.worker import read
from search.errors import ImageError, Reason
from tests.pictures import set_age, write_picture


def test_the_stamp_belongs_to_the_bytes(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", 1)
    data, stamp = read(bytes(path))
    assert data == path.read_bytes()
    assert (stamp.size, stamp.mtime_ns) == (len(data), path.stat().st_mtime_ns)


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", 1)
    set_age(path, 10 * 86400)
    before = path.stat()
    read(bytes(path))
    after = path.stat()
    assert (after.st_atime_ns, after.st_ctime_ns) == (before.st_atime_ns, before.st_ctime_ns)


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", 1)
    before = len(os.listdir("/proc/self/fd"))
    read(bytes(tmp_path / "a.png"))
    with pytest.raises(ImageError):
        read(bytes(tmp_path))
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_that_is_being_written_is_told_from_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "growing.png"
    path.write_bytes(bytes(4_000_000))
    stop = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not stop.is_set():
                file.write(bytes(10_000))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        reasons = set()
        for _ in range(50):
            try:
                data, stamp = read(bytes(path))
                assert len(data) == stamp.size
            except ImageError as error:
                reasons.add(error.reason)
                break
    finally:
        stop.set()
        writer.join()
    assert reasons == {Reason.CHANGED_WHILE_READING}
