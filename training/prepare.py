"""Shards -> one array of pictures and one list of what can be said of them.

    python -m training.prepare DATA SHARDS... [--size 128] [--without held-out.txt]

DATA/pictures.u8     uint8 (n, size, size, 3), squashed to the square
DATA/pictures.jsonl  one line a picture: key, source, label, colour and its sentences
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
from PIL import Image, ImageOps

from search.colour import to_rgb
from search.records import Pixels

from .recolour import read_keys
from .sentences import attributes, colour_of, medium, sentences_of
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
            for array in pool.map(lambda pair: _squashed(pair[0], size), batch):
                pixels.write(array.tobytes())
            told.writelines(json.dumps(d, ensure_ascii=False) + "\n" for _, d in batch)
            count += len(batch)
    (data / "dataset.json").write_text(json.dumps({"pictures": count, "size": size}))
    return count


def describe(sample: Sample) -> Meta:
    """A line of pictures.jsonl."""
    meta = sample.meta
    kept = {name: meta.get(name) for name in ("source", "license", "label", "label_zh")}
    gentle = "drawing" in attributes(meta)  # left is left: no flip, no close crop
    kept |= {"colour": None if medium(meta) else colour_of(meta), "gentle": gentle}
    return {"key": sample.key, **kept, **asdict(sentences_of(meta))}


def squash(picture: bytes, size: int) -> Pixels:
    """An encoded picture -> (size, size, 3) uint8, both sides to the square."""
    image = Image.open(io.BytesIO(picture))
    image.load()
    upright = to_rgb(ImageOps.exif_transpose(image))  # as `search.images` does
    return np.asarray(upright.resize((size, size), Image.Resampling.BICUBIC))


def _squashed(sample: Sample, size: int) -> Pixels:
    try:
        return squash(sample.picture, size)
    except (OSError, ValueError) as error:
        raise ValueError(f"the picture of {sample.key} cannot be read: {error}") from error


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
    without = read_keys(chosen.without)
    try:
        count = prepare(chosen.data, read_samples(chosen.shards, without), chosen.size)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    if not count:
        raise SystemExit("no pictures: a sample needs a label, a title or a caption")
    print(count, "pictures; up to", len(without), "set apart")


if __name__ == "__main__":
    main()
