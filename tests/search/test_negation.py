"""Negation: what is unwanted is told apart among the best, and only ever lowers."""

from __future__ import annotations

import numpy as np
import pytest

from search.calibration import Curve, Sum
from search.judging import Judging
from search.negation import LEAST, MOST, SAID, USUAL, Negation, cut, loss_of
from tests.evidence import Listed

CURVE = Curve([Sum(0.0, {"image": (1.0,)})])


@pytest.mark.parametrize(
    ("odds", "begin"),
    [
        ([-7.0, -6.8, -3.0, -2.8], -4.9),  # two groups: between them
        ([-7.0, -6.8, -6.6, -6.4], USUAL),  # nobody stands out: as in any library
        ([-20.0, -19.0, -12.0, -11.0], LEAST),  # the clearest of these shows nothing yet
        ([2.0, 2.5, 6.0, 6.5], MOST),  # all of them show it
        ([-1.0], USUAL),
        ([-np.inf, -7.0, -6.8, -3.0, -2.8], -4.9),  # one of which nothing is known
    ],
)
def test_the_cut_lies_where_images_that_show_it_begin(odds: list[float], begin: float) -> None:
    assert cut(np.array(odds)) == pytest.approx(begin)


def test_what_shows_it_falls_and_the_others_stay_where_they_are() -> None:
    shown = {1: (-9.0,), 2: (-8.8,), 3: (-2.0,), 4: (-1.0,)}
    red = Negation([Listed("image", shown)], CURVE, 1.0)
    ids = np.array([1, 2, 3, 4, 5])
    lost = red.loss(np.array([1, 2, 3, 4]))(ids)
    assert (lost >= 0).all()
    assert lost[:2] == pytest.approx(0, abs=0.01)
    assert (lost[2:4] > 5).all()
    assert lost[3] > lost[2]
    assert lost[4] == 0, "of which nothing is known"


def test_all_that_is_unwanted_counts_and_by_its_weight() -> None:
    red = Negation([Listed("image", {1: (-9.0,), 2: (-1.0,)})], CURVE, 1.0)
    less = Negation([Listed("image", {1: (-1.0,), 2: (-9.0,)})], CURVE, 0.5)
    best = np.array([1, 2])
    lost = loss_of([red, less], best)(best)
    assert lost[1] == pytest.approx(2 * lost[0], rel=0.01)
    assert lost[0] > 3


def test_where_the_very_words_are_written_nothing_is_left() -> None:
    shown = {1: (-9.0,), 2: (-8.8,), 3: (-2.0,), 4: (-1.0,)}
    red = Negation([Listed("image", shown)], CURVE, 1.0, np.array([2, 5]))
    lost = red.loss(np.array([1, 2, 3, 4]))(np.array([1, 2, 5]))
    assert lost[0] == pytest.approx(0, abs=0.01)
    assert lost[1:].tolist() == [SAID, SAID]


def test_what_a_filter_leaves_changes_no_score() -> None:
    ids = np.arange(1, 9)
    wanted = Listed("image", {id_: (9.0 - id_ / 10,) for id_ in ids.tolist()})
    red = Negation([Listed("image", {id_: (-9.0 + id_,) for id_ in ids.tolist()})], CURVE, 1.0)
    judging = Judging([wanted], CURVE, None, [red], images=8)
    whole, some = judging.rank(8, 0.0, None), judging.rank(8, 0.0, ids[4:])
    kept = np.isin(whole.ids, ids[4:])
    assert some.ids.tolist() == whole.ids[kept].tolist()
    assert some.log_odds.tolist() == whole.log_odds[kept].tolist()
    alone, all_ = judging.passing(ids[4:], 0.0), judging.passing(ids, 0.0)
    assert alone.log_odds.tolist() == all_.log_odds[4:].tolist()
