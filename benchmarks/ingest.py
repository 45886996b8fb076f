"""Pictures a second from folder to index, beside the naive loop; and how much memory that takes.

    python -m benchmarks.ingest [--files 2000] [--naive 64] [--rounds 3] [--no-captions]
    python -m benchmarks.ingest --memory [--files 2000 20000] [--json FILE]

The naive loop takes one picture after the other: Pillow decodes it in full and resizes it, the
tower sees it alone, open_clip's uncached greedy decoding writes the caption, the text tower reads
it. It makes no thumbnail and stores nothing. Ours is the whole `ingest` into a new library, model
loaded, decoder processes not yet started; its pictures are split over the rounds, which alternate.

The bound is what the cores could do if each spent its time on decoding (measured in one process)
and on the towers (one thread, batches) and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indexer.decoding import DecoderPool
from indexer.embedding import Towers
from indexer.ingest import ingest
from indexer.sources import sources_for
from search.settings import Settings
from search.store import Store

from .photographs import draw_photographs, draw_small
from .rounds import write_json


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--files", type=int, nargs="+")
    parser.add_argument("--naive", type=int, default=64, help="pictures of the naive loop a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--no-captions", action="store_true", help="vectors only, in both loops")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)  # a process of --memory
    given = parser.parse_args(arguments)
    if given.memory and given.no_captions:
        parser.error("--memory is measured with captions")
    if given.one:
        print(json.dumps(_ingest_measured(given.one, given.device)))
        return
    if given.memory:
        results: Any = [peak_memory(n, given.device) for n in given.files or (2000, 20_000)]
        for peak in results:
            print("{files} small pictures: {peak_mb:.0f} MB at most, all processes".format(**peak))
    else:
        count = given.files[0] if given.files else 2000
        results = speed(count, given.naive, given.rounds, given.device, not given.no_captions)
        print(
            "{files} photographs of 1 MP, captions {captions}: {ours_per_s:.1f} a second, "
            "{times_naive:.1f} times the naive loop's {naive_per_s:.1f}; "
            "{of_bound:.2f} of the bound ({bound_per_s:.1f}: {decode_ms:.1f} ms decoding, "
            "{towers_ms:.1f} ms towers a picture and core); "
            "{peak_mb:.0f} MB at most, all processes".format(**results)
        )
    write_json(given.json, results)


def speed(
    files: int, naive: int, rounds: int, device: str, captions: bool = True
) -> dict[str, Any]:
    """Both rates, their ratio round by round, and the bound, measured in the same rounds."""
    from search.towers.openclip import open_encoder

    encoder = open_encoder("embedded", device=device)
    towers = _towers(encoder, captions)
    times: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        photos = [Path(folder) / f"photos{i}" for i in range(rounds)]
        drawn = [draw_photographs(photos[i], files // rounds) for i in range(rounds)]
        _naive(encoder, drawn[0][:4], captions)  # warm
        with Memory() as memory:
            for number in range(rounds):
                library = Path(folder) / f"library{number}"
                times.append(
                    {
                        "naive": _naive(encoder, drawn[number][:naive], captions) / naive,
                        "decode": _decode(drawn[number][:naive], towers) / naive,
                        "towers": _see(towers, drawn[number][:naive]) / naive,
                        "ours": _ingest(photos[number], library, towers) / len(drawn[number]),
                    }
                )
    middle = {name: float(np.median([t[name] for t in times])) for name in times[0]}
    cores = os.cpu_count() or 1
    bounds = [cores / (t["decode"] + t["towers"]) for t in times]
    return {
        "files": files,
        "captions": "on" if captions else "off",
        "cores": cores,
        "ours_per_s": 1 / middle["ours"],
        "naive_per_s": 1 / middle["naive"],
        "times_naive": float(np.median([t["naive"] / t["ours"] for t in times])),
        "decode_ms": middle["decode"] * 1000,
        "towers_ms": middle["towers"] * 1000,
        "bound_per_s": float(np.median(bounds)),
        "of_bound": float(
            np.median([1 / t["ours"] / b for t, b in zip(times, bounds, strict=True)])
        ),
        "peak_mb": memory.peak_bytes / 1e6,
    }


def peak_memory(files: int, device: str) -> dict[str, float]:
    """Highest resident memory of a fresh process and its children that index small pictures."""
    with tempfile.TemporaryDirectory() as folder:
        draw_small(Path(folder) / "photos", files)
        command = [sys.executable, "-m", __spec__.name, "--one", folder, "--device", device]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        peak: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return {"files": files} | peak


def _ingest_measured(folder: Path, device: str) -> dict[str, float]:
    from search.towers.openclip import open_encoder

    with Memory() as memory:
        towers = _towers(open_encoder("embedded", device=device))
        seconds = _ingest(folder / "photos", folder / "library", towers)
    return {"peak_mb": memory.peak_bytes / 1e6, "seconds": seconds}


def _towers(encoder: Any, captions: bool = True) -> Towers:
    from search.towers.captioning import CocaCaptioner

    return Towers(encoder, CocaCaptioner(encoder) if captions else None)


def _ingest(photos: Path, library: Path, towers: Towers) -> float:
    settings = Settings(library=library)
    started = time.perf_counter()
    with Store.create(settings) as store:
        store.encoders.bind(towers.encoder.info, None)
        sources = sources_for(store, "default", [bytes(photos)])
        with DecoderPool.of(settings) as reader:
            report = ingest(store, sources, reader, lambda: towers, settings)
    assert report.added == report.found, report
    return time.perf_counter() - started


def _naive(encoder: Any, files: Sequence[Path], captions: bool) -> float:
    import torch
    from PIL import Image

    from search.fitting import prepare

    from .captions import uncached

    reader = encoder.reader
    started = time.perf_counter()
    for file in files:
        with Image.open(file) as image:
            pixels = prepare(image.convert("RGB"), encoder.preprocessing)
        features = encoder.encode_images(pixels)
        if not captions:
            continue
        tokens = torch.as_tensor(features.tokens).float()
        (ids,) = uncached(encoder.network, tokens, reader.firsts["en"], reader.end)
        encoder.encode_texts([reader.words(ids)])
    return time.perf_counter() - started


def _decode(files: Sequence[Path], towers: Towers) -> float:
    """Our decoding alone, in this process: one core."""
    from search.images import decode

    started = time.perf_counter()
    for file in files:
        decode(file.read_bytes(), towers.wanted, uri=str(file), max_pixels=10**8)
    return time.perf_counter() - started


def _see(towers: Towers, files: Sequence[Path]) -> float:
    """The towers alone, in batches on one thread, with the words that `towers` writes."""
    import torch

    from search.images import decode

    images = [
        decode(file.read_bytes(), towers.wanted, uri=str(file), max_pixels=10**8) for file in files
    ]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    started = time.perf_counter()
    list(towers.embed(images))
    seconds = time.perf_counter() - started
    torch.set_num_threads(threads)
    return seconds


class Memory:
    """Highest sum of the resident memory of this process and its children (Linux)."""

    peak_bytes = 0

    def __enter__(self) -> Memory:
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._run, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watch.join()

    def _run(self) -> None:
        while not self._ended.wait(0.1):
            self.peak_bytes = max(self.peak_bytes, sum(map(_resident, _family(os.getpid()))))


def _family(pid: int) -> list[int]:
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, children.read_text().split())
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
