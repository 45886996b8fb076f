"""Colour variants of single things on white, with matching words, because colour is asked first.

    python -m training.recolour OUT.tar SHARDS... --seed 1

Only where the picture is certain: white all around, and nearly all that has colour has one hue.
"""

from __future__ import annotations

import argparse
import io
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .command import run
from .prepare import of_sample, upright
from .sentences import colour_of
from .shards import Meta, Sample, read_keys, read_samples, write_shard

# hues in the 256 steps of Pillow's HSV; brown, beige and grey are no hue and never a target
HUES = {"red": 0, "orange": 20, "yellow": 38, "green": 85, "blue": 158, "purple": 195, "pink": 232}
WHITE = 232  # a border darker than this is no white ground
SATURATED = 90
SPREAD = 14  # hue steps around the main one


def variants(samples: Iterable[Sample], seed: int) -> Iterator[Sample]:
    """One variant, in a random other colour, of each picture that allows it."""
    chance = random.Random(seed)
    for sample in samples:
        variant = _variant(sample, chance) if _may_turn(sample.meta) else None
        if variant is not None:
            yield variant


def _may_turn(meta: Meta) -> bool:
    """A label such as "red bell pepper" would no longer be true."""
    label, colour = meta.get("label") or "", colour_of(meta)
    named = any(hue in label for hue in HUES)
    return bool(label) and not named and colour in (*HUES, "navy blue", "maroon")


def _variant(sample: Sample, chance: random.Random) -> Sample | None:
    pixels = np.asarray(of_sample(upright, sample).convert("HSV"))
    hue = main_hue(pixels)
    if hue is None:
        return None
    near = [name for name, at in HUES.items() if abs((at - hue + 128) % 256 - 128) < 24]
    target = chance.choice([name for name in HUES if name not in near])
    picture = turn_hue(pixels, hue, HUES[target])
    words = [target, *(a for a in sample.meta["attributes"] if a != colour_of(sample.meta))]
    meta = {**sample.meta, "attributes": words, "captions": [], "captions_zh": []}
    meta.pop("title", None)  # it may name the old colour
    return replace(sample, key=f"{sample.key}_{target}", picture=picture, meta=meta)


def main_hue(pixels: NDArray[np.uint8]) -> int | None:
    """The one hue (0 to 255) of a thing on white, None where there is more than one or no white."""
    hue, saturation, value = (pixels[..., i].astype(int) for i in range(3))
    border = np.concatenate([value[0], value[-1], value[:, 0], value[:, -1]])
    if np.mean(border > WHITE) < 0.95:
        return None
    thing = (value < WHITE) | (saturation > 40)
    coloured = thing & (saturation > SATURATED) & (value > 90)
    if coloured.sum() < 0.6 * thing.sum() or thing.mean() < 0.08:
        return None
    counts = np.bincount(hue[coloured], minlength=256)
    window = np.sum([np.roll(counts, step) for step in range(-SPREAD, SPREAD + 1)], axis=0)
    best = int(np.argmax(window))
    return best if window[best] > 0.85 * coloured.sum() else None


def turn_hue(pixels: NDArray[np.uint8], hue: int, target: int) -> bytes:
    """The HSV picture with its main hue turned to `target`, as JPEG."""
    turned = pixels.copy()
    turned[..., 0] = (pixels[..., 0].astype(int) + target - hue) % 256
    out = io.BytesIO()
    Image.fromarray(turned, "HSV").convert("RGB").save(out, "JPEG", quality=82)
    return out.getvalue()


def make(shard: Path, places: Sequence[Path], seed: int, without: frozenset[str]) -> int:
    return write_shard(shard, variants(read_samples(places, without), seed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shard", type=Path)
    parser.add_argument("shards", type=Path, nargs="+")
    parser.add_argument("--without", type=Path, help="a file of keys to leave out, one a line")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    try:
        count = make(chosen.shard, chosen.shards, chosen.seed, read_keys(chosen.without))
    except ValueError as error:
        raise SystemExit(str(error)) from None
    print(count, "variants")


if __name__ == "__main__":
    run(main)
