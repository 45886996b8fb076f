"""Drawings that nobody trained on: colour and shape, how many, and which beside which.

    python -m benchmarks.drawn_shapes [--model NAME] [--each 5]

Draws `--each` pictures of every colour and shape with a seed of its own, asks for each kind in
both languages ("red circle", 红色圆形), and says how often the picture in first place is of that
kind. Then it shows drawings of two to five shapes, and of two shapes side by side, and asks which
of the sentences fits best that differ in the number (of four; chance 0.25) or in the place ("a red
circle above a blue square" or the other way round; chance 0.5). 95% bootstrap intervals.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from evaluation.metrics import hit_at, mean_with_interval
from search.bootstrap import open_encoder
from search.images import LocalDecoder
from search.interfaces import Encoder
from search.records import Vectors
from training.drawings import (
    NUMBERS,
    PAINTS,
    RELATIONS,
    SHAPES,
    Said,
    one_shape,
    several,
    two_shapes,
)

from .retrieval import embed_pixels, embed_texts, rank, settings_for

SEED = 20_000  # training draws with small ones
SCENES = 300  # drawings of several shapes, and of two


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


def other_numbers(label: str) -> list[str]:
    """ "two red stars": the same with every number, its own first."""
    number, rest = label.split(" ", 1)
    words = [word for word, _ in NUMBERS.values()]
    return [label, *(f"{word} {rest}" for word in words if word != number)]


def other_way_round(label: str) -> list[str]:
    """ "a red circle above a blue square": as it is, and with both changed about."""
    relation = next(name for name in RELATIONS if f" {name} " in label)
    one, two = label.split(f" {relation} ")
    return [label, f"{two} {relation} {one}"]


def fits_best(
    encoder: Encoder, sentences: Sequence[Sequence[str]], pictures: Vectors
) -> list[float]:
    """1.0 for each picture whose nearest sentence is the first of its own."""
    vectors = [embed_texts(encoder, list(choices)) for choices in sentences]
    return [
        float((choices @ picture).argmax() == 0)
        for choices, picture in zip(vectors, pictures, strict=True)
    ]


def look(encoder: Encoder, drawings: Sequence[Said]) -> Vectors:
    decoder, wanted = LocalDecoder(), (encoder.preprocessing,)
    decoded = [decoder.decode(said.picture, wanted, uri=said.label) for said in drawings]
    return embed_pixels(encoder, np.concatenate([image.pixels[0] for image in decoded]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="default: embedded")
    parser.add_argument("--each", type=int, default=5)
    chosen = parser.parse_args()
    encoder = open_encoder(chosen.model, settings_for("auto", "auto"))
    drawings = list(draw(chosen.each))
    pictures = look(encoder, drawings)
    for language in ("en", "zh"):
        tell(f"{language}  right at rank 1", first_is_right(encoder, drawings, pictures, language))
    chance = random.Random(SEED)
    for what, maker, others in (
        ("how many", several, other_numbers),
        ("which where", two_shapes, other_way_round),
    ):
        scenes = [maker(chance) for _ in range(SCENES)]
        choices = [others(said.label) for said in scenes]
        tell(f"en  {what}", fits_best(encoder, choices, look(encoder, scenes)))


def tell(what: str, values: list[float]) -> None:
    value, low, high = mean_with_interval(values)
    print(f"{what:20s} {value:.3f} [{low:.3f}, {high:.3f}]  n={len(values)}")


if __name__ == "__main__":
    main()
