"""Thumbnails of what was removed go, also when the process that removed it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from search.records import DecodedImage, EncoderInfo, FileStamp, NewImage
from search.settings import Settings
from search.store import Store
from tests.vectors import unit

ENCODER = EncoderInfo("fake", 8, "fake-1")

KILLED = """
import os, signal, sys
from pathlib import Path
from search.settings import Settings
from search.store import Store

def die(event, arguments):  # between the commit and the first deletion
    if event == "os.remove" and str(arguments[0]).endswith(".jpg"):
        os.kill(os.getpid(), signal.SIGKILL)

with Store.open(Settings(library=Path(sys.argv[1]))) as store:
    sys.addaudithook(die)
    store.removals.remove([b"/photos"])
"""


@pytest.fixture
def library(settings: Settings) -> Settings:
    """Two pictures with thumbnails."""
    with Store.create(settings) as store:
        root = store.roots.ensure("default", b"/photos", 1)
        for seed in range(2):
            decoded = DecodedImage(f"{seed:064}", "JPEG", 40, 30, None, b"a thumbnail", ())
            new = NewImage(decoded, unit(seed))
            store.images.add(root, ENCODER, [(b"%d.jpg" % seed, FileStamp(seed, 1), new)])
    return settings


def thumbnails(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.library / "thumbs").rglob("*.*"))


def killed_while_removing(settings: Settings) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(settings.library)], timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert len([name for name in thumbnails(settings) if name.endswith(".jpg")]) == 2


def test_the_next_run_deletes_what_a_killed_one_left(library: Settings) -> None:
    killed_while_removing(library)
    with Store.for_run(library, "sync") as store:
        assert store.stats().images == 0
    assert thumbnails(library) == []


def test_what_came_back_meanwhile_keeps_its_thumbnail(library: Settings) -> None:
    killed_while_removing(library)
    with Store.open(library) as store:
        root = store.roots.ensure("default", b"/photos", 1)
        decoded = DecodedImage(f"{0:064}", "JPEG", 40, 30, None, b"a thumbnail", ())
        store.images.add(root, ENCODER, [(b"0.jpg", FileStamp(1, 1), NewImage(decoded, unit(0)))])
    with Store.for_run(library, "add"):
        pass
    assert thumbnails(library) == [f"{0:064}.jpg"]


def test_a_removal_that_is_not_interrupted_leaves_nothing(library: Settings) -> None:
    with Store.open(library) as store:
        store.removals.remove([b"/photos/1.jpg"])
    assert thumbnails(library) == [f"{0:064}.jpg"]


def test_a_thumbnail_that_cannot_be_deleted_is_deleted_by_a_later_run(library: Settings) -> None:
    (stuck,) = (library.library / "thumbs").rglob(f"{0:064}.jpg")
    content = stuck.read_bytes()
    stuck.unlink()
    stuck.mkdir()  # no unlink deletes a folder
    with Store.for_run(library, "remove") as store:
        store.removals.remove([b"/photos"])
    stuck.rmdir()
    stuck.write_bytes(content)
    with Store.for_run(library, "sync"):
        pass
    assert thumbnails(library) == []


@pytest.mark.parametrize("damage", [bytes(4096), b"\xff" * 65], ids=["zeros", "no text"])
def test_a_note_that_was_half_written_ends_no_run(library: Settings, damage: bytes) -> None:
    with Store.open(library) as store:
        store.thumbnails.put(f"{7:064}", b"of a picture that was removed")
    note = library.library / "thumbs" / "killed.discard"
    note.write_bytes(f"{7:064}\n{1:064}\n".encode() + damage)
    with Store.for_run(library, "sync"):
        pass
    assert thumbnails(library) == [f"{0:064}.jpg", f"{1:064}.jpg"]
