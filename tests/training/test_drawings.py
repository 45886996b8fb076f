"""A drawing shows what its words say."""

from __future__ import annotations

import io
import random

import numpy as np
from PIL import Image

from training.drawings import PAINTS, draw, one_shape, two_shapes


def test_the_same_seed_draws_the_same() -> None:
    assert list(draw(5, 3)) == list(draw(5, 3))
    assert list(draw(5, 3)) != list(draw(5, 4))


def test_the_colour_that_is_said_is_there() -> None:
    for seed in range(20):
        said = one_shape(random.Random(seed))
        pixels = np.asarray(Image.open(io.BytesIO(said.picture))).astype(int)
        paint = np.array(PAINTS[said.label.split()[0]][1])
        near = np.abs(pixels - paint).max(-1) < 40
        assert near.mean() > 0.01, said.label


def test_left_is_left() -> None:
    checked = 0
    for seed in range(60):
        said = two_shapes(random.Random(seed))
        one, _, relation, two = _parts(said.label)
        if relation not in ("left of", "right of"):
            continue
        first, second = (_centre(said.picture, colour) for colour in (one, two))
        assert (first < second) == (relation == "left of"), said.label
        checked += 1
    assert checked > 10


def _parts(sentence: str) -> tuple[str, str, str, str]:
    relation = next(r for r in ("left of", "right of", "above", "below") if f" {r} " in sentence)
    first, second = sentence.split(f" {relation} ")
    return first.split()[1], first.split()[2], relation, second.split()[1]


def _centre(picture: bytes, colour: str) -> float:
    pixels = np.asarray(Image.open(io.BytesIO(picture))).astype(int)
    distance = np.abs(pixels - np.array(PAINTS[colour][1])).max(-1)
    return float(np.nonzero(distance < 40)[1].mean())
