"""Filters at 100,000 pictures: SQL beside bitmaps, and what the bitmaps hold in memory.

    python -m benchmarks.filters [--pictures 100000] [--rounds 30] [--json FILE]

Each filter is answered by the store (every id that passes, read from the database) and by the
columns: `first`, when a column is filled; `new`, a filter that was not asked for before; `again`,
the same one. Facets are counted within half of the library. The program ends with an error if an
answer differs.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from search.columns import Columns
from search.filters import Filters, faceted
from search.palette import NAMES
from search.records import Attribute, DecodedImage, FileStamp, NewImage
from search.settings import Settings
from search.store import Store

from .http_search import KnownVectors
from .rounds import write_json

BATCH = 1000
START = datetime(2020, 1, 1, tzinfo=UTC)
MINUTES = 100_000  # over which the pictures were taken
CAMERAS = [f"Maker {n % 7} Model {n}" for n in range(60)]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(library=Path(folder) / "library")
        fill(settings, given.pictures)
        with Store.open(settings) as store:
            results = measure(store, given.rounds)
    for name, figures in results.items():
        print(f"{name:>12}  " + "  ".join(f"{what} {value:.3g}" for what, value in figures.items()))
    write_json(given.json, {"pictures": given.pictures, **results})


def measure(store: Store, rounds: int) -> dict[str, dict[str, float]]:
    """Medians in milliseconds; memory in MB."""
    columns, before = Columns(store), _resident()
    results = {name: _asked(store, columns, make, rounds) for name, make in QUESTIONS.items()}
    half = _since(MINUTES // 2)
    results["facets"] = {"all": _median(lambda: _facets(columns, half), rounds)}
    results["memory"] = {"MB": (_resident() - before) / 1e6}
    return results


def _since(minutes: int) -> Filters:
    return Filters(taken_after=START + timedelta(minutes=minutes))


QUESTIONS: dict[str, Callable[[int], Filters]] = {  # the n-th of its kind
    "half by date": lambda n: _since(MINUTES // 2 + n),
    "one camera": lambda n: Filters(camera=CAMERAS[n % len(CAMERAS)]),
    "portrait": lambda n: Filters(orientation="portrait", taken_after=START + n * timedelta(1)),
    "a folder": lambda n: Filters(folder=f"{n % 100:03d}"),
    "everything": lambda n: Filters(),
}


def _asked(
    store: Store, columns: Columns, make: Callable[[int], Filters], rounds: int
) -> dict[str, float]:
    numbers = itertools.count()
    first = _median(lambda: columns.ids(make(next(numbers))), 1)
    for n in range(3):
        if not np.array_equal(columns.ids(make(n)), store.images.allowed_ids(make(n))):
            raise SystemExit(f"the answers differ: {make(n)}")
    return {
        "sql": _median(lambda: store.images.allowed_ids(make(next(numbers))), rounds),
        "first": first,
        "new": _median(lambda: columns.ids(make(next(numbers))), rounds),
        "again": _median(lambda: columns.ids(make(0)), rounds),
    }


def _facets(columns: Columns, filters: Filters) -> None:
    for kind in faceted():
        columns.counts(kind, filters)


def _median(work: Callable[[], Any], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def fill(settings: Settings, pictures: int) -> None:
    vector = np.zeros(KnownVectors.info.dim, np.float32)
    vector[0] = 1
    with Store.create(settings) as store:
        store.encoders.bind(KnownVectors.info, "known")
        root = store.roots.ensure("default", b"/pictures", 0)
        for start in range(0, pictures, BATCH):
            batch = [
                (b"%03d/%d.jpg" % (n % 997, n), FileStamp(1, 1), NewImage(_picture(n), vector))
                for n in range(start, min(start + BATCH, pictures))
            ]
            store.images.add(root, KnownVectors.info, batch)


def _picture(number: int) -> DecodedImage:
    return DecodedImage(
        content_hash=f"{number:064x}",
        format="JPEG",
        width=3000 + number % 3,
        height=3001,
        taken_at=START + timedelta(minutes=number * 7919 % MINUTES),
        thumbnail=b"",
        pixels=(),
        facts=(
            Attribute("camera", CAMERAS[number % len(CAMERAS)]),
            Attribute("colour", NAMES[number % len(NAMES)], 0.6),
            Attribute("colour", NAMES[number // 7 % len(NAMES)], 0.3),
        ),
    )


if __name__ == "__main__":
    main()
