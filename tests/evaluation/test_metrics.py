"""Each expectation is worked out by hand."""

import math

import pytest

from evaluation import metrics

RANKED = [7, 3, 9, 1, 5]
RELEVANT = {3, 1, 8}


def test_recall_counts_the_relevant_ones_that_were_never_ranked() -> None:
    assert metrics.recall_at(4, RANKED, RELEVANT) == pytest.approx(2 / 3)


def test_precision_counts_places_that_nothing_fills_as_misses() -> None:
    assert metrics.precision_at(10, RANKED, RELEVANT) == pytest.approx(0.2)
    assert metrics.precision_at(2, RANKED, RELEVANT) == pytest.approx(0.5)


def test_capped_precision_reaches_one_with_fewer_relevant_than_places() -> None:
    assert metrics.capped_precision_at(10, [3, 1, 8, 2], RELEVANT) == 1.0
    assert metrics.capped_precision_at(2, RANKED, RELEVANT) == pytest.approx(0.5)


def test_capped_recall_lets_the_few_relevant_come_anywhere_among_the_k() -> None:
    assert metrics.capped_recall_at(4, RANKED, {3, 1}) == 1.0
    assert metrics.capped_precision_at(4, RANKED, {3, 1}) == pytest.approx(0.5)
    assert metrics.capped_recall_at(2, RANKED, RELEVANT) == pytest.approx(0.5)


def test_a_hit_is_all_or_nothing() -> None:
    assert metrics.hit_at(1, RANKED, RELEVANT) == 0.0
    assert metrics.hit_at(2, RANKED, RELEVANT) == 1.0


def test_reciprocal_rank_looks_at_the_first_relevant_one() -> None:
    assert metrics.reciprocal_rank(RANKED, RELEVANT) == pytest.approx(1 / 2)
    assert metrics.reciprocal_rank(RANKED, {8}) == 0.0


def test_average_precision_is_the_mean_over_all_relevant_ones() -> None:
    assert metrics.average_precision(RANKED, RELEVANT) == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert metrics.average_precision([3, 1, 8], RELEVANT) == 1.0


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    gains = {1: 3.0, 2: 2.0}
    got = 2 / math.log2(2) + 3 / math.log2(3)
    best = 3 / math.log2(2) + 2 / math.log2(3)
    assert metrics.ndcg_at(2, [2, 1], gains) == pytest.approx(got / best)
    assert metrics.ndcg_at(2, [1, 2], gains) == 1.0


@pytest.mark.parametrize(
    "measure",
    [
        lambda r: metrics.recall_at(5, r, set()),
        lambda r: metrics.capped_precision_at(5, r, set()),
        lambda r: metrics.reciprocal_rank(r, set()),
        lambda r: metrics.average_precision(r, set()),
        lambda r: metrics.ndcg_at(5, r, {}),
    ],
)
def test_nothing_relevant_scores_nothing(measure) -> None:  # type: ignore[no-untyped-def]
    assert measure(RANKED) == 0.0


def test_the_interval_holds_the_mean_and_narrows_with_more_values() -> None:
    mean, low, high = metrics.mean_with_interval([0.0, 1.0] * 10)
    _, lower, higher = metrics.mean_with_interval([0.0, 1.0] * 1000)
    assert mean == 0.5
    assert low < lower < 0.5 < higher < high


def test_the_interval_of_a_binomial_share_is_the_known_one() -> None:
    mean, low, high = metrics.mean_with_interval([1.0] * 300 + [0.0] * 700, draws=4000)
    spread = 1.96 * math.sqrt(0.3 * 0.7 / 1000)
    assert mean == pytest.approx(0.3)
    assert (low, high) == pytest.approx((0.3 - spread, 0.3 + spread), abs=0.004)


def test_no_values_have_no_mean() -> None:
    assert all(math.isnan(bound) for bound in metrics.mean_with_interval([]))


def test_mean_over_averages_the_queries() -> None:
    got = metrics.mean_over(metrics.average_precision, [[1, 2], [2, 1]], [{1}, {1}])
    assert got == pytest.approx(0.75)
