"""`add` with nothing changed, beside os.walk + os.stat over the same tree.

    python -m benchmarks.unchanged [--files 20000] [--rounds 7] [--json FILE]

Both run in this process, which has loaded what the command loads, and alternate. Every file is
compared with the catalogue; nothing is opened. The program ends with an error if torch was loaded.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.decoding import DecoderPool
from indexer.embedding import Towers
from indexer.ingest import ingest
from indexer.sources import sources_for
from search.records import DecodedImage, EncoderInfo, FileStamp, NewImage
from search.settings import Settings
from search.store import Store

from .rounds import alternate, ratio, write_json


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), given.files, given.rounds)
    print(
        f"{given.files} unchanged files: add {results['add_ms']:.0f} ms, "
        f"os.walk + stat {results['walk_ms']:.0f} ms, {results['times_walk']:.2f} times"
    )
    write_json(given.json, results)
    if "torch" in sys.modules:
        raise SystemExit("torch was loaded")


def measure(folder: Path, files: int, rounds: int) -> dict[str, float]:
    """Milliseconds of both, at the median, and how many times the walk `add` takes."""
    photos = folder / "photos"
    settings = Settings(library=folder / "library")
    with Store.create(settings) as store:
        _fill(store, photos, files)

        reader = DecoderPool.of(settings)  # never started

        def add() -> None:
            found = sources_for(store, "default", [bytes(photos)])
            report = ingest(store, found, reader, _no_towers, settings)
            assert report.unchanged == files, report

        seconds = alternate({"walk": lambda: _walk(photos), "add": add}, rounds)
    return {
        "files": files,
        "walk_ms": statistics.median(seconds["walk"]) * 1000,
        "add_ms": statistics.median(seconds["add"]) * 1000,
        "times_walk": ratio(seconds["add"], seconds["walk"]),
    }


def _walk(folder: Path) -> int:
    return sum(
        os.stat(os.path.join(base, name)).st_size
        for base, _, names in os.walk(folder)
        for name in names
    )


def _fill(store: Store, photos: Path, files: int) -> None:
    """A tree of tiny files, 200 a folder, as a library that has indexed them would know it."""
    info = EncoderInfo("none", 8, "none")
    vector = np.eye(1, 8, dtype=np.float32)[0]
    photos.mkdir()
    root = store.roots.ensure("default", bytes(photos), photos.stat().st_dev)
    batch = []
    for number in range(files):
        path = photos / f"{number // 200:03d}" / f"IMG_{number:06d}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"%d" % number)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        about = path.stat()
        stamp = FileStamp(about.st_size, about.st_mtime_ns)
        decoded = DecodedImage(f"{number:064x}", "JPEG", 1, 1, None, b"", ())
        relative = bytes(path.relative_to(photos))
        batch.append((relative, stamp, NewImage(decoded, vector)))
        if len(batch) == 1000 or number == files - 1:
            store.images.add(root, info, batch)
            batch = []


def _no_towers() -> Towers:
    raise AssertionError("nothing is new")


if __name__ == "__main__":
    main()
