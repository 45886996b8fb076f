"""Runs in a process into which tests/failing_disk.c is preloaded: WORK LIBRARY CALL ERROR ALWAYS.

Does the work again and again, each time with the next call failing, until no call is left that
could fail; prints a line of JSON for each: the error's class and message, and what the work gave.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from indexer.repair import mend
from search.errors import PomonaError
from search.locks import run_lock
from search.records import Filters, Sort, Space
from search.settings import Settings
from search.store import Store

MOST = 400


def read(settings: Settings) -> object:
    with Store.open(settings) as store:
        model = store.encoders.current()
        assert model is not None
        vectors = store.vectors.changes(model, Space.IMAGE, 0)
        records, _ = store.images.page(Filters(), Sort.RELEVANCE, None, 1000)
        return [store.stats().images, len(vectors.ids), len(records)]


def write(settings: Settings) -> object:
    with Store.open(settings) as store:
        return store.roots.ensure("default", b"/more/%d" % len(store.roots.all()), 1).id


def repair(settings: Settings) -> object:
    with run_lock(settings.library, "doctor"):
        done = mend(settings)
    return [done.whole, len(done.found), done.rescued is not None]


def main(work: str, library: str, call: str, error: str, always: str) -> None:
    disk = ctypes.CDLL(os.environ["LD_PRELOAD"])
    works: dict[str, Callable[[Settings], object]] = {
        "read": read,
        "write": write,
        "repair": repair,
    }
    settings = Settings(library=Path(library))
    for number in range(1, MOST):
        disk.arm(call.encode(), number, getattr(errno, error), int(always))
        told = ["", "", None]
        try:
            told[2] = works[work](settings)
        except PomonaError as failed:
            told[:2] = type(failed).__name__, str(failed)
        reached = disk.remaining() <= 0
        disk.arm(b"", 0, 0, 0)
        if not reached:
            return
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
