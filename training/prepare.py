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
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image, ImageOps

from search.colour import to_rgb
from search.records import Pixels

from .command import run
from .sentences import attributes, colour_of, medium, sentences_of
from .shards import Meta, Sample, read_keys, read_samples

T = TypeVar("T")


def prepare(data: Path, samples: Iterable[Sample], size: int) -> int:
    """Write DATA; returns the number of pictures, without those of which nothing can be said.

    ValueError for a picture that cannot be read, and if there is none; DATA is then as it was.
    """
    data.mkdir(parents=True, exist_ok=True)
    count = 0
    with (
        (data / "pictures.u8.new").open("wb") as pixels,
        (data / "pictures.jsonl.new").open("w") as told,
        ThreadPoolExecutor() as pool,
    ):
        speaking = ((sample, describe(sample)) for sample in samples)
        for batch in _batches((s, d) for s, d in speaking if d["human_en"] or d["made_en"]):
            for array in pool.map(partial(_squashed, size), batch):
                pixels.write(array.tobytes())
            told.writelines(json.dumps(d, ensure_ascii=False) + "\n" for _, d in batch)
            count += len(batch)
    if not count:
        raise ValueError("no pictures: a sample needs a label, a title or a caption")
    for name in ("pictures.u8", "pictures.jsonl"):
        (data / f"{name}.new").replace(data / name)
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
    return np.asarray(upright(picture).resize((size, size), Image.Resampling.BICUBIC))


def upright(picture: bytes) -> Image.Image:
    """RGB, turned as its EXIF says, transparency on white: as `search.images` sees it."""
    image = Image.open(io.BytesIO(picture))
    image.load()
    return to_rgb(ImageOps.exif_transpose(image))


def of_sample(look: Callable[[bytes], T], sample: Sample) -> T:
    """`look` at its picture; ValueError, with the key, for one that cannot be read."""
    try:
        return look(sample.picture)
    except (OSError, ValueError) as error:
        raise ValueError(f"the picture of {sample.key} cannot be read: {error}") from error


def _squashed(size: int, pair: tuple[Sample, Meta]) -> Pixels:
    return of_sample(lambda picture: squash(picture, size), pair[0])


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
    print(count, "pictures; up to", len(without), "set apart")


if __name__ == "__main__":
    run(main)
