"""The threshold: libraries that answer, libraries that do not, and scores that follow from it."""

from __future__ import annotations

import numpy as np
import pytest

from search.calibration import Calibration, Yardstick, floor_of, probability
from search.records import Relevance
from search.threshold import CROWD, PLAIN, STRONG, WEAK, threshold_of

YARDSTICK = Yardstick(gate=0.0, growth=0.5, top=3.0, fall=1.5, crowd=1.0)


def odds(best: float, fall: float = 0.1, count: int = 1000) -> np.ndarray:
    return best - fall * np.arange(count)


def test_the_plain_threshold_takes_a_curve_at_its_word() -> None:
    some = np.array([-4.0, 0.0, 3.0])
    assert PLAIN.scores(some).tolist() == probability(some).tolist()
    assert PLAIN.floor(0.03) == floor_of(0.03)
    assert PLAIN.floor(0) == -np.inf
    kinds = [PLAIN.relevance(score) for score in (0.02, 0.03, 0.25)]
    assert kinds == [Relevance.NONE, Relevance.WEAK, Relevance.STRONG]


def test_a_library_whose_best_images_are_far_has_no_hit() -> None:
    shut = threshold_of(YARDSTICK, odds(-0.5), 1000)
    assert shut.shut
    assert shut.floor(WEAK) == np.inf
    assert shut.scores(odds(-0.5)).max() < WEAK
    assert shut.scores(odds(-0.5)).max() == pytest.approx(shut.scores(np.array([shut.best]))[0])
    assert not threshold_of(YARDSTICK, odds(1.0), 1000).shut


def test_words_that_barely_pass_have_hits_but_no_good_one() -> None:
    kinds = []
    for best in (0.3, 0.9):
        some = odds(best, fall=0.01)
        threshold = threshold_of(YARDSTICK, some, 1000)
        kinds.append(threshold.relevance(float(threshold.scores(some)[0])))
    assert kinds == [Relevance.WEAK, Relevance.STRONG]


def test_the_bar_rises_with_the_images_but_not_among_a_few() -> None:
    shut = [threshold_of(YARDSTICK, odds(0.5), images).shut for images in (2, 50, 1000, 100_000)]
    assert shut == [False, False, False, True]
    low = odds(-1.3, count=10)
    assert not threshold_of(YARDSTICK, low, 10).shut
    assert not threshold_of(YARDSTICK, low, 50).shut
    assert threshold_of(YARDSTICK, low, 200).shut


@pytest.mark.parametrize("best", [-0.5, 2.0])
def test_scores_fall_with_the_order_and_floors_are_where_they_are_reached(best: float) -> None:
    some = odds(best)
    threshold = threshold_of(YARDSTICK, some, 1000)
    scores = threshold.scores(some)
    assert (np.diff(scores) <= 0).all()
    for score in (0.001, 0.01, WEAK, STRONG, 0.9):
        floor = threshold.floor(score)
        reached = scores >= score
        assert (some >= floor + 1e-9).tolist() <= reached.tolist()
        assert (some >= floor - 1e-9).sum() >= reached.sum()


def test_where_one_image_stands_out_the_next_ones_are_trusted_less_than_in_a_crowd() -> None:
    alone = np.concatenate([np.full(3, 3.0), np.full(997, 0.0)])
    crowd = np.concatenate([np.full(CROWD + 1, 3.0), np.full(959, 0.0)])
    scores = [
        threshold_of(YARDSTICK, some, 1000).scores(np.array([1.0]))[0] for some in (alone, crowd)
    ]
    assert scores[0] < WEAK < STRONG < scores[1]


def test_an_empty_library_answers_nothing() -> None:
    threshold = threshold_of(YARDSTICK, np.empty(0), 0)
    assert threshold.shut
    assert threshold.scores(np.empty(0)).tolist() == []


def test_the_embedded_model_reads_words_by_each_set_of_evidence() -> None:
    fitted = Calibration.of("embedded")
    assert fitted.words is not None
    for names in (["image"], ["caption"], ["image", "caption"], ["image", "caption", "stars"]):
        yardstick = fitted.yardstick(names)
        assert yardstick is not None
        assert min(yardstick.growth, yardstick.fall, yardstick.crowd) >= 0
    assert fitted.yardstick(["stars"]) is None
    assert Calibration().yardstick(["image"]) is None


@pytest.mark.parametrize("best", [0.2, 2.0])
def test_what_lies_beyond_the_peak_scores_more_than_any_picture(best: float) -> None:
    threshold = threshold_of(YARDSTICK, odds(best), 1000)
    beyond = threshold.scores(np.array([best + 3.0, best + 1.0, best]))
    assert (np.diff(beyond) < 0).all()
    assert threshold.relevance(float(beyond[0])) is Relevance.STRONG
    floor = threshold.floor(float(beyond[1]))
    assert floor == pytest.approx(best + 1.0)
