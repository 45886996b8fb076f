"""Shards -> one array of pictures and one list of what can be said of them.

    python -m training.prepare DATA SHARDS... [--size 128] [--without held-out.txt]

DATA/pictures.u8     uint8 (n, size, size, 3), squashed to the square
DATA/pictures.jsonl  one line a picture: key, source, label and its sentences
DATA/dataset.json    {"pictures": n, "size": size}
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from search.records import Pixels

from .recolour import read_keys
from .sentences import sentences_of
from .shards import Meta, Sample, read_samples


def prepare(data: Path, samples: Iterable[Sample], size: int) -> int:
    """Write DATA; returns the number of pictures, without those of which nothing can be said."""
    data.mkdir(parents=True, exist_ok=True)
    count = 0
    with (
        (data / "pictures.u8").open("wb") as pixels,
        (data / "pictures.jsonl").open("w") as told,
        ThreadPoolExecutor() as pool,
    ):
        speaking = ((sample, describe(sample)) for sample in samples)
        for batch in _batches((s, d) for s, d in speaking if d["human_en"] or d["made_en"]):
            for array in pool.map(lambda pair: squash(pair[0].picture, size), batch):
                pixels.write(array.tobytes())
            told.writelines(json.dumps(d, ensure_ascii=False) + "\n" for _, d in batch)
            count += len(batch)
    (data / "dataset.json").write_text(json.dumps({"pictures": count, "size": size}))
    return count


def describe(sample: Sample) -> Meta:
    """A line of pictures.jsonl."""
    meta = sample.meta
    kept = {name: meta.get(name) for name in ("source", "license", "label", "label_zh")}
    gentle = "drawing" in meta.get("attributes", [])  # left is left: no flip, no close crop
    return {"key": sample.key, **kept, "gentle": gentle, **asdict(sentences_of(meta))}


def squash(picture: bytes, size: int) -> Pixels:
    """An encoded picture -> (size, size, 3) uint8, both sides to the square."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))


def _batches(pairs: Iterable[Any], size: int = 512) -> Iterator[list[Any]]:
    iterator = iter(pairs)
    while batch := list(islice(iterator, size)):
        yield batch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("shards", type=Path, nargs="+", help="tar files, or folders of them")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--without", type=Path, help="a file of keys to leave out, one a line")
    chosen = parser.parse_args()
    samples = read_samples(chosen.shards, read_keys(chosen.without))
    print(prepare(chosen.data, samples, chosen.size), "pictures")


if __name__ == "__main__":
    main()
