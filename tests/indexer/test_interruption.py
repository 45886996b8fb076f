"""kill -9 at random times: the next run needs no help and ends where a clean one ends."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from search.records import EncoderInfo, Filters, Sort, Space
from search.settings import Settings
from search.store import Store
from search.thumbnails import any_in
from tests.fakes import FakeEncoder
from tests.pictures import write_picture

from .warm import Running, Warm

ROUNDS = int(os.environ.get("POMONA_KILLS", "6"))
FILES = 120
PROGRAM = "tests.indexer.run"


def start(
    folder: Path, library: Path, prepare: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", PROGRAM, str(folder), str(library), "prune"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
    )


def begin(warm: Warm, folder: Path, library: Path) -> Running:
    """The same without its seconds of imports, in which there is nothing to be interrupted."""
    arguments = [str(folder), str(library), "prune"]
    return warm.begin(arguments, Path.cwd(), dict(os.environ), PROGRAM)


def finish(warm: Warm, folder: Path, library: Path) -> dict[str, Any]:
    code, out, err = begin(warm, folder, library).wait()
    assert code == 0, err
    report: dict[str, Any] = json.loads(out)
    return report


def state(library: Path) -> set[tuple[bytes, str, str | None, bytes, bytes]]:
    """(path, content, caption, both vectors) of all that is stored, found to be sound."""
    info: EncoderInfo = FakeEncoder().info
    with Store.open(Settings(library=library)) as store:
        assert list(store.integrity.problems(deep=True)) == []
        records, _ = store.images.page(Filters(), Sort.RELEVANCE, None, 10_000)
        vectors = {}
        for space in Space:
            changes = store.vectors.changes(info, space, 0)
            vectors[space] = dict(
                zip(changes.owners.tolist(), [v.tobytes() for v in changes.vectors], strict=True)
            )
        return {
            (
                place.absolute,
                record.content_hash,
                record.caption,
                vectors[Space.IMAGE][record.id],
                vectors[Space.CAPTION][record.id],
            )
            for record in records
            for place in record.locations
        }


def until_stored(library: Path) -> None:
    """Returns when a run has stored its first thumbnails, and has more to do."""
    deadline = time.monotonic() + 60
    while not any_in(library / "thumbs"):
        assert time.monotonic() < deadline, "it stores nothing"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(FILES):
        write_picture(folder / str(seed % 5) / f"{seed}.png", seed % (FILES - 10), size=48)
    (folder / "bad.png").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def clean(
    photos: Path, warm: Warm, tmp_path_factory: pytest.TempPathFactory
) -> tuple[set[Any], float]:
    """The state that an undisturbed run reaches, and the seconds that it takes."""
    library = tmp_path_factory.mktemp("clean")
    started = time.monotonic()
    report = finish(warm, photos, library)
    assert report["added"] == FILES - 10
    return state(library), time.monotonic() - started


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_killed_run_is_completed_by_the_next(
    seed: int, photos: Path, clean: tuple[set[Any], float], warm: Warm, tmp_path: Path
) -> None:
    expected, seconds = clean
    library = tmp_path / "library"
    rng = random.Random(seed)
    for _ in range(2):  # the second run of a library may be killed too
        run = begin(warm, photos, library)
        time.sleep(rng.uniform(0.1, 1.1) * seconds)
        with suppress(ProcessLookupError):
            os.kill(run.pid, signal.SIGKILL)
        run.wait()
    report = finish(warm, photos, library)
    assert report["found"] == FILES + 1
    assert report["skipped"] == 1
    assert report["removed"] == report["updated"] == report["moved"] == 0
    assert state(library) == expected
    again = finish(warm, photos, library)
    assert (again["unchanged"], again["added"]) == (FILES, 0)


def test_ctrl_c_ends_the_run_soon_and_leaves_a_sound_library(
    photos: Path, clean: tuple[set[Any], float], warm: Warm, tmp_path: Path
) -> None:
    expected, _ = clean
    library = tmp_path / "library"
    run = start(photos, library)
    until_stored(library)
    run.send_signal(signal.SIGINT)
    interrupted = time.monotonic()
    run.communicate(timeout=30)
    assert time.monotonic() - interrupted < 5
    finish(warm, photos, library)
    assert state(library) == expected
    shutil.rmtree(library)


@pytest.mark.parametrize("kilobytes", [40, 150, 400])
def test_a_full_disk_ends_the_run_in_words_and_costs_nothing(
    kilobytes: int, photos: Path, clean: tuple[set[Any], float], warm: Warm, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    most = kilobytes * 1024  # of any file that the run writes
    run = start(photos, library, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
    _, err = run.communicate(timeout=120)
    assert run.returncode != 0
    assert "NoSpaceError" in err.splitlines()[-1]
    finish(warm, photos, library)
    assert state(library) == clean[0]
