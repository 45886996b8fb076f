"""From terms to weighted vectors."""

from __future__ import annotations

import numpy as np
import pytest

from search.components import Component, QueryEncoder
from search.query import LESS_LIKE_WEIGHT, MORE_LIKE_WEIGHT
from search.records import Vectors
from search.requests import terms

AXES = np.eye(4, dtype=np.float32)
TEXTS = {"red": AXES[0], "cup": AXES[1]}


def axis(number: int) -> Vectors:
    return AXES[number]


ENCODER = QueryEncoder(text=TEXTS.__getitem__, picture=lambda _: AXES[3], image=axis)


def weights(found: list[Component]) -> list[float]:
    return [round(part.weight, 4) for part in found]


def test_each_term_is_a_component_on_its_side() -> None:
    found = ENCODER.components(terms("red", image_id=3, image_weight=0.5, negative="cup"))
    assert [part.is_text for part in found] == [True, False, True]
    assert weights(found) == [1.0, 0.5, -0.7]


@pytest.mark.parametrize("count", [1, 3, 500])
def test_marks_of_a_side_are_one_component_that_never_outvotes_the_question(count: int) -> None:
    marks = [0, 1] * count
    found = ENCODER.components(terms("red", more_like=marks, less_like=[2] * count))
    assert len(found) == 3
    _, more, less = found
    assert more.vector == pytest.approx((AXES[0] + AXES[1]) / np.sqrt(2))
    assert less.vector == pytest.approx(AXES[2])
    assert 0.5 * MORE_LIKE_WEIGHT <= more.weight < MORE_LIKE_WEIGHT
    assert -LESS_LIKE_WEIGHT < less.weight < 0


def test_a_single_mark_counts_less_than_several() -> None:
    one, three = (ENCODER.components(terms(more_like=[1] * n))[0].weight for n in (1, 3))
    assert (one, three) == (pytest.approx(0.2), pytest.approx(0.36))
