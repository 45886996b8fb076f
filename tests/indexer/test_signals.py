"""Ctrl-C and SIGTERM end a command, whatever it is waiting for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .mounts import unanswering

ENDS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


@pytest.mark.parametrize(("number", "code"), ENDS)
def test_a_disk_that_never_answers_holds_no_command(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with unanswering(tmp_path / "photos" / "share"):
        run = subprocess.Popen(
            [sys.executable, "-m", "indexer", "add", "photos"],
            cwd=tmp_path,
            env={**os.environ, "POMONA_LIBRARY": str(tmp_path / "library")},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            deadline = time.monotonic() + 120
            while not (tmp_path / "library" / "lock.json").exists():  # the run has begun
                assert run.poll() is None, "it ended by itself"
                assert time.monotonic() < deadline
                time.sleep(0.1)
            time.sleep(2)  # and hangs in the folder
            run.send_signal(number)
            _, said = run.communicate(timeout=60)
        finally:
            run.kill()
    assert run.returncode == code
    assert "a disk does not answer" in said
