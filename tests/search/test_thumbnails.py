"""Thumbnails on disk: whole or not at all, and nothing is left of runs that were killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from search.thumbnails import FORMAT, SIDE, SUFFIX, Thumbnails, encode
from tests.pictures import encoded, noise, plain

ONE, TWO = "ab" + "1" * 62, "cd" + "2" * 62
RED = encode(plain((200, 30, 30)))


@pytest.fixture
def thumbnails(tmp_path: Path) -> Thumbnails:
    return Thumbnails(tmp_path / "thumbs")


def file_of(thumbnails: Thumbnails, content_hash: str) -> Path:
    return next(thumbnails.folder.rglob(f"{content_hash}{SUFFIX}"))


def test_what_was_put_is_there_until_it_is_discarded(thumbnails: Thumbnails) -> None:
    thumbnails.put(ONE, RED)
    thumbnails.put_all([(TWO, RED), (ONE, RED)])
    assert thumbnails.get(ONE) == thumbnails.get(TWO) == RED
    assert set(thumbnails.hashes()) == {ONE, TWO}
    thumbnails.discard([ONE, "ef" + "3" * 62])
    assert thumbnails.get(ONE) is None
    assert list(thumbnails.hashes()) == [TWO]


def test_many_at_once_are_all_there(thumbnails: Thumbnails) -> None:
    made = {f"{n:064x}"[::-1]: encode(plain((n, n, n))) for n in range(200)}
    thumbnails.put_all(made.items())
    assert {found: thumbnails.get(found) for found in thumbnails.hashes()} == made
    assert list(thumbnails.damaged()) == []
    assert parts(thumbnails) == []


def test_an_error_of_one_is_an_error_of_all(thumbnails: Thumbnails) -> None:
    thumbnails.folder.mkdir()
    (thumbnails.folder / "cd").write_text("no folder")
    with pytest.raises(FileExistsError):
        thumbnails.put_all([(ONE, RED), (TWO, RED)])


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: b"",
        lambda file: bytes(len(file)),
        lambda file: os.urandom(len(file)),
        lambda file: file[: len(file) // 2],
        lambda file: file[:2] + bytes(20) + file[22:],
        lambda file: b"<html>not a picture</html>",
    ],
)
def test_what_does_not_decode_is_none(
    thumbnails: Thumbnails, damage: Callable[[bytes], bytes]
) -> None:
    thumbnails.put_all([(ONE, RED), (TWO, RED)])
    file_of(thumbnails, ONE).write_bytes(damage(RED))
    assert thumbnails.get(ONE) is None
    assert thumbnails.get(TWO) == RED
    assert list(thumbnails.damaged()) == [ONE]


def test_what_cannot_be_read_is_none(thumbnails: Thumbnails) -> None:
    thumbnails.put(ONE, RED)
    file_of(thumbnails, ONE).unlink()
    (thumbnails.folder / "ab" / f"{ONE}{SUFFIX}").mkdir()
    assert thumbnails.get(ONE) is None


def test_a_folder_that_was_deleted_meanwhile_is_made_again(thumbnails: Thumbnails) -> None:
    thumbnails.put(ONE, RED)
    file_of(thumbnails, ONE).unlink()
    (thumbnails.folder / "ab").rmdir()
    thumbnails.put(ONE, RED)
    assert thumbnails.get(ONE) == RED


HELD = """
import os, sys
from pathlib import Path
from search.thumbnails import Thumbnails
def hold(handle):
    print("ready", flush=True)
    sys.stdin.read()
os.fsync = hold
Thumbnails(Path(sys.argv[1])).put("ab" + "0" * 62, b"half a picture")
"""


def writer(thumbnails: Thumbnails) -> subprocess.Popen[str]:
    """A run that has begun to write a thumbnail, and never gets to the end of it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HELD, str(thumbnails.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def parts(thumbnails: Thumbnails) -> list[Path]:
    return list(thumbnails.folder.rglob("*.part"))


def test_what_a_killed_run_left_half_written_is_swept_by_the_next_one(
    thumbnails: Thumbnails,
) -> None:
    with writer(thumbnails) as process:
        process.send_signal(signal.SIGKILL)
    assert len(parts(thumbnails)) == 1
    Thumbnails(thumbnails.folder).put(ONE, RED)
    assert parts(thumbnails) == []
    assert thumbnails.get(ONE) == RED


def test_what_another_run_is_writing_is_left_alone(thumbnails: Thumbnails) -> None:
    with writer(thumbnails) as process:
        thumbnails.put(ONE, RED)
        assert len(parts(thumbnails)) == 1
        process.send_signal(signal.SIGKILL)
    Thumbnails(thumbnails.folder).put(ONE, RED)
    assert parts(thumbnails) == []


def test_a_thumbnail_is_on_the_disk_before_it_has_its_name(thumbnails: Thumbnails) -> None:
    """As the kernel sees it: the file is synced, and only then renamed."""
    script = (
        "import sys; from pathlib import Path; from search.thumbnails import Thumbnails\n"
        f"Thumbnails(Path(sys.argv[1])).put({ONE!r}, b'x')\n"
    )
    audited = (
        "import sys\ncalls = []\n"
        "def note(event, args):\n"
        "    if event == 'os.rename': calls.append('rename')\n"
        "import os; real = os.fsync\n"
        "def fsync(handle): calls.append('fsync'); real(handle)\n"
        "os.fsync = fsync; sys.addaudithook(note)\n" + script + "print(*calls)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", audited, str(thumbnails.folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["fsync", "rename"]


def test_what_cannot_be_one_of_ours_is_not_decoded(thumbnails: Thumbnails) -> None:
    largest = encoded(noise(1, SIDE, SIDE), FORMAT, quality=95)
    thumbnails.put(ONE, largest)
    assert thumbnails.get(ONE) == largest
    for foreign in (
        encode(plain((9, 9, 9), SIDE + 1, 20)),
        largest + random.Random(1).randbytes(1 << 19),
    ):
        thumbnails.put(ONE, foreign)
        assert thumbnails.get(ONE) is None


def test_a_pipe_in_the_place_of_a_thumbnail_holds_nobody(thumbnails: Thumbnails) -> None:
    thumbnails.put(ONE, RED)
    file = file_of(thumbnails, ONE)
    file.unlink()
    os.mkfifo(file)
    assert thumbnails.get(ONE) is None
    thumbnails.put(ONE, RED)
    assert thumbnails.get(ONE) == RED
