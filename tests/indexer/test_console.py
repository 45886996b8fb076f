"""Progress as it is seen: bars in a terminal, nothing superfluous in a log."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from search.settings import Settings
from tests.indexer.conftest import Indexer
from tests.indexer.indexed import index
from tests.pictures import write_picture

INGEST = """
import time
from indexer.console import Console
console = Console(json=False, quiet=False, verbose=False, color=True)
with console.progress():
    for done in (1000, 2000):
        console.advance("scan", done, None, 500.0)
        time.sleep(0.3)  # the screen is drawn ten times a second
    console.advance("scan", 2000, 2000, 500.0)
    console.advance("embed", 64, 128, 86.0)
    console.note("something else")
    console.advance("scan", 10, None, 86.0)  # the next folder
    console.advance("scan", 20, 20, 86.0)
    console.advance("embed", 128, 128, 86.0)
console.summary("the end")
"""


def in_terminal(*command: str, **environment: str) -> str:
    """What a terminal of 100 columns is sent."""
    screen, ours = pty.openpty()
    environment = {**os.environ, "COLUMNS": "100", "TERM": "xterm", **environment}
    process = subprocess.Popen(command, stdin=ours, stdout=ours, stderr=ours, env=environment)
    os.close(ours)
    seen = b""
    try:
        while some := os.read(screen, 65536):
            seen += some
    except OSError:  # Linux says so when nobody holds the other end any more
        pass
    os.close(screen)
    assert process.wait(60) == 0, seen.decode()
    return seen.decode()


def lines(seen: str) -> list[str]:
    """Without colours and movements of the cursor; what was drawn over is among them."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    return [line.rstrip() for line in re.split(r"[\r\n]+", plain) if line.strip()]


def test_a_terminal_shows_one_bar_a_stage_and_no_total_that_is_not_known() -> None:
    seen = lines(in_terminal(sys.executable, "-c", INGEST))
    assert not [line for line in seen if "?" in line]
    scanning = [line for line in seen if line.startswith("Scanning")]
    assert any(re.search(r" 2,000( |$)", line) for line in scanning)
    assert " 20 of 20 " in scanning[-1]
    last = seen[-3:]  # on a busy machine the last state is drawn more than once
    assert [line.split()[0] for line in last] == ["Scanning", "Indexing", "the"]
    assert "128 of 128" in last[1]
    assert "something else" in seen


def test_a_log_gets_no_progress_of_a_short_run() -> None:
    ran = subprocess.run([sys.executable, "-c", INGEST], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("the end\n", "something else\n")


def test_sync_in_a_terminal_says_how_many_files_it_looked_at(
    tmp_path: Path, settings: Settings
) -> None:
    index(settings, write_picture(tmp_path / "photos" / "a.png", 1).parent)
    command = [sys.executable, "-m", "indexer", "--library", str(settings.library), "sync"]
    seen = lines(in_terminal(*command))
    assert any(re.match(r"Scanning +━+ 1 of 1 ", line) for line in seen)
    assert "1 picture in" in seen[-1]


def test_quiet_says_the_counts_alone(indexer: Indexer, tmp_path: Path, settings: Settings) -> None:
    index(settings, write_picture(tmp_path / "photos" / "a.png", 1).parent)
    ran = indexer("sync", "--quiet")
    assert (ran.out.count("\n"), ran.err) == (1, "")
