"""Ctrl-C and SIGTERM end the program, even where a disk never answers.

A thread in a system call on a mount whose server is gone hears of no signal but SIGKILL. The signal
stays pending then, another thread sees it so and ends the process: as safe as kill -9, for only
whole transactions are stored.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from typing import NoReturn

GRACE_SECONDS = 2.0  # for the main thread to hear of it
_ENDING = (signal.SIGINT, signal.SIGTERM)


class Terminated(BaseException):
    """SIGTERM arrived: leave as Ctrl-C does, with another exit code."""


def listen() -> None:
    """To be called once, from the main thread."""
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & had it ignored
    threading.Thread(target=_watch, name="signals", daemon=True).start()


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


def _watch() -> None:
    """Blocked signals alone are told as pending, so this thread blocks them for itself."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    before: set[signal.Signals] = set()
    while True:
        time.sleep(GRACE_SECONDS)
        pending = {number for number in _ENDING if number in signal.sigpending()}
        for number in pending & before:
            os.write(2, b"indexer: stopped; a disk does not answer. What was stored is safe.\n")
            os._exit(128 + number)
        before = pending
