"""How good a ranking is: recall, precision, reciprocal rank, average precision, nDCG.

Every function takes `ranked`, ids best first, and `relevant`, the ids that should be found; it
returns a number from 0 to 1, and 0 where nothing is relevant. Formulas: Manning, Raghavan and
Schuetze, "Introduction to Information Retrieval", chapter 8; nDCG: Jarvelin and Kekalainen 2002.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


def recall_at(k: int, ranked: Sequence[int], relevant: Collection[int]) -> float:
    """The share of the relevant that is among the first k."""
    return _found(ranked[:k], relevant) / len(relevant) if relevant else 0.0


def precision_at(k: int, ranked: Sequence[int], relevant: Collection[int]) -> float:
    """The share of the first k that is relevant; places that are not filled count as misses."""
    return _found(ranked[:k], relevant) / k


def capped_precision_at(k: int, ranked: Sequence[int], relevant: Collection[int]) -> float:
    """As `precision_at` with min(k, number of relevant) places, so that 1 can always be reached."""
    places = min(k, len(relevant))
    return precision_at(places, ranked, relevant) if places else 0.0


def capped_recall_at(k: int, ranked: Sequence[int], relevant: Collection[int]) -> float:
    """The relevant ones among the first k, of those that could be there (BEIR's capped recall).

    Equal to `precision_at` where k or more are relevant, and milder than `capped_precision_at`
    where fewer are: these may come anywhere among the k.
    """
    return _found(ranked[:k], relevant) / min(k, len(relevant)) if relevant else 0.0


def hit_at(k: int, ranked: Sequence[int], relevant: Collection[int]) -> float:
    """1 if any of the first k is relevant: what papers on captions call recall@k."""
    return float(_found(ranked[:k], relevant) > 0)


def reciprocal_rank(ranked: Sequence[int], relevant: Collection[int]) -> float:
    """1 / the rank of the first relevant one."""
    for rank, item in enumerate(ranked, start=1):
        if item in relevant:
            return 1 / rank
    return 0.0


def average_precision(ranked: Sequence[int], relevant: Collection[int]) -> float:
    """The mean of the precisions at the ranks of the relevant; one not ranked adds 0."""
    found, total = 0, 0.0
    for rank, item in enumerate(ranked, start=1):
        if item in relevant:
            found += 1
            total += found / rank
    return total / len(relevant) if relevant else 0.0


def ndcg_at(k: int, ranked: Sequence[int], gains: Mapping[int, float]) -> float:
    """Discounted gain of the first k over that of the best possible order.

    `gains` says how relevant an item is; one that is missing has gain 0.
    """
    best = _discounted(sorted(gains.values(), reverse=True)[:k])
    return _discounted([gains.get(item, 0.0) for item in ranked[:k]]) / best if best else 0.0


def mean_with_interval(
    values: Sequence[float], *, draws: int = 1000, level: float = 0.95, seed: int = 0
) -> tuple[float, float, float]:
    """Mean, and the bounds of its percentile bootstrap interval; NaN where there are no values."""
    sample = np.asarray(values, np.float64)
    if not len(sample):
        return math.nan, math.nan, math.nan
    chance = np.random.default_rng(seed)
    means = [sample[chance.integers(len(sample), size=len(sample))].mean() for _ in range(draws)]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(sample.mean()), float(low), float(high)


def mean_over(
    measure: Callable[[Sequence[int], Collection[int]], float],
    rankings: Sequence[Sequence[int]],
    relevant: Sequence[Collection[int]],
) -> float:
    """The mean of one measure over queries, e.g. mAP: `mean_over(average_precision, ...)`."""
    scores = [measure(r, x) for r, x in zip(rankings, relevant, strict=True)]
    return float(np.mean(scores)) if scores else 0.0


def _found(ranked: Sequence[int], relevant: Collection[int]) -> int:
    return sum(item in relevant for item in ranked)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))
