"""The pool that reads files: one outcome for each, whatever becomes of its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.decoding import DecoderPool, Limits
from indexer.reading import Outcome, Task
from search.errors import PomonaError, Reason
from search.images import LocalDecoder
from search.records import Fit, Preprocessing
from tests.pictures import encoded, write_picture
from tests.processes import children, end, is_alive

WANTED = (Preprocessing(16), Preprocessing(24, Fit.PAD))
LIMITS = Limits(max_pixels=10_000_000, seconds=30, memory_bytes=4 << 30)
HOSTILE = "tests.indexer.hostile_worker"


def results(pool: DecoderPool, *paths: Path) -> dict[str, Outcome]:
    tasks = [Task(i, bytes(path), WANTED) for i, path in enumerate(paths)]
    return {os.fsdecode(os.path.basename(o.task.path)): o for o in pool.results(tasks)}


def test_each_file_has_one_outcome(tmp_path: Path) -> None:
    paths = [write_picture(tmp_path / f"{i}.png", i) for i in range(40)]
    with DecoderPool(2, LIMITS) as pool:
        found = results(pool, *paths)
    assert len(found) == 40
    for path in paths:
        outcome, about = found[path.name], path.stat()
        expected = LocalDecoder().decode(path.read_bytes(), WANTED, uri="x")
        assert outcome.image is not None
        assert outcome.content_hash == expected.content_hash
        assert np.array_equal(outcome.image.pixels[1], expected.pixels[1])
        assert outcome.stamp is not None
        assert (outcome.stamp.size, outcome.stamp.mtime_ns) == (about.st_size, about.st_mtime_ns)


def test_a_file_can_be_hashed_without_decoding(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(b"no picture at all")
    with DecoderPool(1, LIMITS) as pool:
        (outcome,) = pool.results([Task(7, bytes(path), None)])
    assert outcome.task.index == 7
    assert outcome.content_hash is not None
    assert outcome.image is outcome.reason is None


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    good = write_picture(tmp_path / "good.png", 1)
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "link.png").symlink_to(good)
    (tmp_path / "folder.png").mkdir()
    names = ("good.png", "pipe.png", "link.png", "folder.png", "none.png", "good.png/below.png")
    with DecoderPool(2, LIMITS) as pool:
        found = results(pool, *(tmp_path / name for name in names))
        followed = next(pool.results([Task(0, bytes(tmp_path / "link.png"), WANTED, follow=True)]))
    assert {name: outcome.reason for name, outcome in found.items()} == {
        "good.png": None,
        "pipe.png": Reason.NOT_AN_IMAGE,
        "link.png": Reason.VANISHED,
        "folder.png": Reason.NOT_AN_IMAGE,
        "none.png": Reason.VANISHED,
        "below.png": Reason.VANISHED,
    }
    assert followed.image is not None


def test_a_file_that_kills_its_decoder_is_a_failure_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    names = ["a.png", "segfault.png", "b.png", "c.png", "exit.png", "d.png", "hang.png", "e.png"]
    paths = [write_picture(tmp_path / name, i) for i, name in enumerate(names)]
    with DecoderPool(2, Limits(10**6, 2.0, 4 << 30), HOSTILE) as pool:
        found = results(pool, *paths)
    reasons = {name: found[name].reason for name in names if found[name].reason}
    assert reasons == {
        "segfault.png": Reason.DECODER_CRASH,
        "exit.png": Reason.DECODER_CRASH,
        "hang.png": Reason.TIMEOUT,
    }
    assert sum(outcome.image is not None for outcome in found.values()) == 5


def test_a_limit_that_was_passed_is_named_with_its_setting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "diary.jpg").write_text("Dear diary")
    names = ["large.png", "hang.png", "segfault.png", "diary.jpg"]
    write_picture(tmp_path / "hang.png", 1)
    write_picture(tmp_path / "segfault.png", 1)
    (tmp_path / "large.png").write_bytes(encoded(Image.new("L", (4000, 4000))))
    with (
        caplog.at_level("INFO", "search.images"),
        DecoderPool(1, Limits(10**6, 2.0, 4 << 30), HOSTILE) as pool,
    ):
        found = results(pool, *(tmp_path / name for name in names))
    assert {name: outcome.detail for name, outcome in found.items()} == {
        "large.png": "16 megapixels; at most 1 (setting max_megapixels)",
        "hang.png": "more than 2 s (setting decode_seconds)",
        "segfault.png": "",
        "diary.jpg": "",
    }
    assert any("cannot identify image file" in line for line in caplog.messages)


def test_decoders_that_died_while_idle_are_not_blamed_on_the_next_files(tmp_path: Path) -> None:
    """Idle between two runs, idle before the first one, and idle since all that they were given
    is done and nobody has taken it yet."""
    paths = [write_picture(tmp_path / f"{i}.png", i) for i in range(12)]
    tasks = [Task(i, bytes(path), WANTED) for i, path in enumerate(paths)]
    with DecoderPool(2, LIMITS) as pool:
        pool.start()
        for wait_until_ready in (True, False):
            while wait_until_ready and not all(map(is_ready, started())):
                time.sleep(0.05)
            end(started())
            assert [outcome.reason for outcome in pool.results(tasks)] == [None] * 12
        running = pool.results(tasks)
        outcomes = [next(running)]
        time.sleep(1)  # for the others of this round to be decoded
        end(started())
        outcomes.extend(running)
    assert sorted(outcome.task.index for outcome in outcomes) == list(range(12))
    assert [outcome.reason for outcome in outcomes] == [None] * 12


def started() -> list[int]:
    return children(os.getpid(), "indexer.worker")


def is_ready(worker: int) -> bool:
    """It has said so, for that is when it closes its ears to libtiff's complaints."""
    return os.readlink(f"/proc/{worker}/fd/2") == os.devnull


def test_a_slow_consumer_makes_no_slow_pictures(tmp_path: Path) -> None:
    """As when a large model takes minutes for a batch while the decoders are long done."""
    paths = [write_picture(tmp_path / f"{i}.png", i) for i in range(8)]
    with DecoderPool(2, Limits(10**6, 0.5, 4 << 30)) as pool:
        reasons = []
        for outcome in pool.results([Task(i, bytes(p), WANTED) for i, p in enumerate(paths)]):
            reasons.append(outcome.reason)
            time.sleep(0.6)
    assert reasons == [None] * 8


def test_a_picture_that_needs_too_much_memory_is_a_failure_and_the_next_one_is_read(
    tmp_path: Path,
) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(encoded(Image.new("RGB", (12000, 10000))))
    small = write_picture(tmp_path / "small.png", 1)
    with DecoderPool(1, Limits(256_000_000, 30, 400 << 20)) as pool:
        found = results(pool, large, small)
    assert found["large.png"].reason is Reason.OUT_OF_MEMORY
    assert found["small.png"].image is not None


def test_a_decoder_that_cannot_start_says_so_instead_of_blaming_the_files(tmp_path: Path) -> None:
    with (
        DecoderPool(1, LIMITS, "no.such.module") as pool,
        pytest.raises(PomonaError, match="No module named 'no'"),
    ):
        results(pool, write_picture(tmp_path / "a.png", 1))


def test_tasks_are_taken_only_as_workers_get_free(tmp_path: Path) -> None:
    path = bytes(write_picture(tmp_path / "a.png", 1))
    taken = 0

    def tasks() -> Iterator[Task]:
        nonlocal taken
        for index in range(1000):
            taken += 1
            yield Task(index, path, WANTED)

    with DecoderPool(2, LIMITS) as pool:
        running = pool.results(tasks())
        for _ in range(10):
            next(running)
        assert taken <= 10 + 2 * 2
        running.close()


def test_decoders_import_no_torch() -> None:
    program = (
        "import sys, indexer.worker; print([m for m in ('torch', 'faiss') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_decoders_end_when_their_owner_is_killed(tmp_path: Path) -> None:
    paths = [str(write_picture(tmp_path / name, 1)) for name in ("a.png", "hang.png", "b.png")]
    program = (
        "import sys, time\n"
        "from indexer.decoding import DecoderPool, Limits\n"
        "from indexer.reading import Task\n"
        f"pool = DecoderPool(2, Limits(10**6, 1.0, 4 << 30), {HOSTILE!r})\n"
        "running = pool.results(Task(0, p.encode(), ()) for p in sys.argv[1:])\n"
        "next(running)\n"
        "print(*(lane._worker._process.pid for lane in pool._lanes), flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, *paths], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        workers = [int(pid) for pid in owner.stdout.readline().split()]
        assert len(workers) == 2
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 15  # the hanging one ends by its own clock
    while any(map(is_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(is_alive, workers))
