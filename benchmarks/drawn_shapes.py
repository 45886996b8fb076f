"""Colour and shape of drawings that nobody trained on: is the first picture found the right one?

    python -m benchmarks.drawn_shapes [--model NAME] [--each 5]

Draws `--each` pictures of every colour and shape with a seed of its own, asks for each kind in
both languages ("red circle", 红色圆形), and says how often the picture in first place is of that
kind, with a bootstrap interval over queries, 95%.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from search.bootstrap import open_encoder
from search.images import LocalDecoder
from search.interfaces import Encoder
from search.metrics import hit_at, mean_with_interval
from search.records import Vectors
from training.drawings import PAINTS, SHAPES, Said, one_shape

from .retrieval import embed_pixels, embed_texts, rank, settings_for

SEED = 20_000  # training draws with small ones


def draw(each: int, seed: int = SEED) -> Iterator[Said]:
    """`each` drawings of every colour and shape."""
    chance, drawn = random.Random(seed), Counter[str]()
    while len(drawn) < len(PAINTS) * len(SHAPES) or min(drawn.values()) < each:
        said = one_shape(chance)
        if drawn[said.label] < each:
            drawn[said.label] += 1
            yield said


def first_is_right(
    encoder: Encoder, drawings: Sequence[Said], pictures: Vectors, language: str
) -> list[float]:
    """1.0 for each kind whose first picture is one of its own."""
    of_kind: dict[str, set[int]] = {}
    for number, said in enumerate(drawings):
        kind = said.label if language == "en" else said.label_zh
        of_kind.setdefault(kind, set()).add(number)
    rankings = rank(embed_texts(encoder, list(of_kind)), pictures)
    return [hit_at(1, r, right) for r, right in zip(rankings, of_kind.values(), strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="default: embedded")
    parser.add_argument("--each", type=int, default=5)
    chosen = parser.parse_args()
    encoder = open_encoder(chosen.model, settings_for("auto", "auto"))
    drawings, decoder = list(draw(chosen.each)), LocalDecoder()
    wanted = (encoder.preprocessing,)
    decoded = [decoder.decode(said.picture, wanted, uri=said.label) for said in drawings]
    pictures = embed_pixels(encoder, np.concatenate([image.pixels[0] for image in decoded]))
    for language in ("en", "zh"):
        right = first_is_right(encoder, drawings, pictures, language)
        value, low, high = mean_with_interval(right)
        print(
            f"{language}  right at rank 1: {value:.3f} [{low:.3f}, {high:.3f}]  "
            f"{len(right)} queries, {len(drawings)} drawings"
        )


if __name__ == "__main__":
    main()
