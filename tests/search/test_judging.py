"""Judging: what pictures show sets the threshold; what is written raises an image, or decides."""

from __future__ import annotations

import numpy as np
import pytest

from search.calibration import Addend, Calibration, Curve, Sum, Yardstick
from search.judging import Judging
from search.query import Query, Words
from search.records import Relevance
from tests.evidence import Listed

ASKED = Query((Words("anything"),))
IMAGES = 1000
CALIBRATION = Calibration(
    words=Curve([Sum(0.0, {"image": (1.0,)})], {"words": Addend(weight=1.0, bias=-3.0)}),
    yardsticks={frozenset(["image"]): Yardstick(gate=0.0, growth=0.5, top=3.0, fall=1.5, crowd=1)},
)


def judged(best: float, written: dict[int, float]) -> Judging:
    """A library whose pictures fall behind the best one; `written`: what words gain an image."""
    pictures = Listed("image", {id_: (best - 0.1 * id_,) for id_ in range(IMAGES)})
    words = Listed("words", {id_: (gain,) for id_, gain in written.items()})
    return Judging.of(ASKED, [pictures, words], [], CALIBRATION, IMAGES)


def hits(judging: Judging) -> dict[int, Relevance]:
    ranked = judging.rank(10, judging.threshold.weak, None)
    scores = judging.scores(ranked).tolist()
    assert scores == sorted(scores, reverse=True)
    return {id_: judging.relevance(s) for id_, s in zip(ranked.ids.tolist(), scores, strict=True)}


def test_words_on_a_few_pictures_take_nothing_from_the_others() -> None:
    alone = hits(judged(2.0, {}))
    assert alone
    beside = hits(judged(2.0, {0: 4.0, 1: 4.0}))
    assert alone.keys() <= beside.keys()
    assert [*beside][:2] == [0, 1]


def test_words_raise_a_picture_above_all_that_none_are_written_about() -> None:
    assert next(iter(hits(judged(2.0, {20: 6.0})))) == 20


@pytest.mark.parametrize("gain", [1.0, 3.6])
def test_where_pictures_answer_nothing_what_is_written_decides(gain: float) -> None:
    found = hits(judged(-2.0, {700: gain}))
    assert found == ({} if gain < 1.1 else {700: Relevance.STRONG})


def test_where_nothing_answers_all_are_ranked_by_what_is_written_first() -> None:
    judging = judged(-2.0, {700: 0.5, 800: 4.0})
    ranked = judging.rank(IMAGES, 0.0, None)
    assert ranked.ids[:3].tolist() == [800, 700, 0]
    assert ranked.total == IMAGES
    scores = judging.scores(ranked)
    assert (np.diff(scores) <= 0).all()
    assert [*hits(judging)] == [800]
