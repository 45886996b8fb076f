"""Processes that a test has started: which there are, and their ends."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def children(parent: int, naming: str) -> list[int]:
    """Living processes that `parent` has started with `naming` in their command line."""
    found = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return [pid for pid in found if is_alive(pid) and _parent(pid) == parent and _runs(pid, naming)]


def is_alive(pid: int) -> bool:
    fields = _fields(pid)
    return bool(fields) and fields[0] not in "ZX"


def end(pids: list[int]) -> None:
    """kill -9, and wait until they are gone."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline, "they do not end"
        time.sleep(0.01)


def _parent(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[1]) if fields else 0


def _runs(pid: int, naming: str) -> bool:
    try:
        return naming.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _fields(pid: int) -> list[str]:
    """State, parent and what follows."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
