from __future__ import annotations

from collections import Counter
from itertools import islice

import numpy as np

from benchmarks.drawn_shapes import (
    draw,
    first_is_right,
    fits_best,
    other_numbers,
    other_way_round,
)
from tests.fakes import FakeEncoder
from training.drawings import PAINTS, SHAPES


def test_every_colour_and_shape_is_drawn_equally_often_and_always_alike() -> None:
    drawn = list(draw(2))
    assert Counter(Counter(said.label for said in drawn).values()) == {2: len(PAINTS) * len(SHAPES)}
    again = [said.picture for said in islice(draw(2), 30)]
    assert again == [said.picture for said in drawn[:30]]


def test_a_kind_is_right_whose_first_picture_is_its_own() -> None:
    drawings = [said for said in draw(1) if said.label in ("red circle", "blue circle")]
    encoder = FakeEncoder()
    seen = np.concatenate([encoder.encode_texts([said.label]) for said in drawings])
    assert first_is_right(encoder, drawings, seen, "en") == [1.0, 1.0]
    assert first_is_right(encoder, drawings, seen[::-1], "en") == [0.0, 0.0]


def test_the_other_sentences_differ_in_the_number_or_the_place() -> None:
    assert other_numbers("three red stars") == [
        *("three red stars", "two red stars", "four red stars", "five red stars")
    ]
    above = "a red star above an orange ring"
    assert other_way_round(above) == [above, "an orange ring above a red star"]


def test_a_picture_fits_the_sentence_that_is_nearest() -> None:
    encoder = FakeEncoder()
    choices = [["red circle", "blue circle"], ["red circle", "blue circle"]]
    seen = encoder.encode_texts(["red circle", "blue circle"])
    assert fits_best(encoder, choices, seen) == [1.0, 0.0]
