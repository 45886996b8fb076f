from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks.drawn_shapes import draw, first_is_right
from tests.fakes import FakeEncoder
from training.drawings import PAINTS, SHAPES


def test_every_colour_and_shape_is_drawn_equally_often_and_always_alike() -> None:
    drawn = list(draw(2))
    assert Counter(Counter(said.label for said in drawn).values()) == {2: len(PAINTS) * len(SHAPES)}
    assert [said.picture for said in draw(2)] == [said.picture for said in drawn]


def test_a_kind_is_right_whose_first_picture_is_its_own() -> None:
    drawings = [said for said in draw(1) if said.label in ("red circle", "blue circle")]
    encoder = FakeEncoder()
    seen = np.concatenate([encoder.encode_texts([said.label]) for said in drawings])
    assert first_is_right(encoder, drawings, seen, "en") == [1.0, 1.0]
    assert first_is_right(encoder, drawings, seen[::-1], "en") == [0.0, 0.0]
