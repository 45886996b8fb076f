"""Milliseconds of the towers, per precision and batch, beside open_clip's own forward in float32.

    python -m benchmarks.towers [--model NAME] [--batches 1,8,16,32,64] [--json FILE]

Images: uint8 pixels to unit vectors. Reference: the same network as it is loaded, float32, same
batch. Texts: one query, from the string. Reference: open_clip's `encode_text` at full context.
"""

from __future__ import annotations

import argparse
import statistics
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from search.models import resolve
from search.records import Pixels, Preprocessing
from search.towers.checkpoint import load
from search.towers.device import choose_device
from search.towers.openclip import OpenClipEncoder

from .rounds import alternate, ratio, write_json

QUERIES = ["red apple", "红色苹果", "a man in a red shirt is standing on a beach with two dogs"]
PRECISIONS = ("float32", "bfloat16")


class Reference:
    """The network as open_clip runs it: float32, pixels normalised as torchvision would."""

    def __init__(self, encoder: OpenClipEncoder) -> None:
        self._network: Any = encoder.network
        self._reader = encoder.reader
        self._place = encoder.device.name
        self._seen: Preprocessing = encoder.preprocessing

    @torch.inference_mode()
    def encode_images(self, pixels: Pixels) -> Any:
        mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (self._seen.mean, self._seen.std))
        x = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().float()
        x = ((x / 255 - mean) / std).to(self._place)
        return functional.normalize(self._network.encode_image(x), dim=-1).cpu().numpy()

    @torch.inference_mode()
    def encode_texts(self, texts: list[str]) -> Any:
        ids = self._reader.ids(texts).to(self._place)
        return functional.normalize(self._network.encode_text(ids), dim=-1).cpu().numpy()


def images(
    reference: Reference, encoders: dict[str, OpenClipEncoder], batch: int, rounds: int
) -> list[dict[str, Any]]:
    """One line for each precision at one batch size."""
    size = next(iter(encoders.values())).preprocessing.size
    pixels = np.random.default_rng(0).integers(0, 256, (batch, size, size, 3), np.uint8)
    work = {name: partial(e.encode_images, pixels) for name, e in encoders.items()}
    seconds = alternate({"reference": partial(reference.encode_images, pixels)} | work, rounds)
    expected = reference.encode_images(pixels)
    return [
        {
            "precision": name,
            "batch": batch,
            "ms_per_image": round(1e3 * statistics.median(seconds[name]) / batch, 3),
            "ratio": round(ratio(seconds["reference"], seconds[name]), 2),
            "least_cosine": float((encoder.encode_images(pixels).vectors * expected).sum(-1).min()),
        }
        for name, encoder in encoders.items()
    ]


def texts(reference: Reference, encoder: OpenClipEncoder, rounds: int) -> list[dict[str, Any]]:
    """One line for each query, alone in its batch as a search asks it."""
    lines = []
    for query in QUERIES:
        seconds = alternate(
            {
                "reference": partial(reference.encode_texts, [query]),
                "ours": partial(encoder.encode_texts, [query]),
            },
            rounds,
        )
        lines.append(
            {
                "query": query,
                "ms": round(1e3 * statistics.median(seconds["ours"]), 2),
                "ratio": round(ratio(seconds["reference"], seconds["ours"]), 2),
            }
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--batches", default="1,8,16,32,64")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    model = load(resolve(given.model))
    untouched = OpenClipEncoder(deepcopy(model), choose_device(given.device, "float32"))
    untouched.network.visual.to(memory_format=torch.contiguous_format)
    reference = Reference(untouched)
    encoders = {
        precision: OpenClipEncoder(deepcopy(model), choose_device(given.device, precision))
        for precision in PRECISIONS
    }
    chosen = choose_device(given.device)
    print(f"{given.model} on {chosen.name} ({chosen.reason}); auto takes {chosen.precision}")
    lines = []
    for batch in map(int, given.batches.split(",")):
        for line in images(reference, encoders, batch, given.rounds):
            lines.append(line)
            print(
                "image, {precision}, batch {batch}: {ms_per_image} ms, {ratio} times the "
                "reference, cosine at least {least_cosine:.5f}".format(**line)
            )
    queries = texts(reference, encoders["float32"], given.rounds)
    for line in queries:
        print("text, {query!r}: {ms} ms, {ratio} times the reference".format(**line))
    results = {"model": given.model, "device": chosen.name, "auto_precision": chosen.precision}
    write_json(given.json, results | {"images": lines, "texts": queries})


if __name__ == "__main__":
    main()
