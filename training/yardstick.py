"""Fit what words mean to a library: how near pictures are to them, and whether any of them answers.

The curve is over cosines alone, so that a picture's log-odds do not hang on what else there is. How
much captions weigh is chosen by how well pictures are ranked: as much as helps, but never so that
the pictures of a set or its captions come worse than by pictures alone. `search/threshold.py` says
what a yardstick is for; it is fitted on labels, words for several of them, and words that nothing
answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation import queries
from evaluation.testsets import Testset
from evaluation.vocabulary import UNLIKELY
from search.calibration import Floats, subsets
from search.interfaces import Encoder
from search.records import Space, Vectors
from search.threshold import BEST, CROWD, FEWEST, THOUSAND

SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)  # of captions' cosines beside those of pictures
QUIET = 0.95  # of words that nothing answers stay below the gate
SIZES = (FEWEST, 100, 200, 400)  # libraries, drawn from each set, that show how the gate rises
DRAWS = 4
KINDS = {"labels": 0.5, "general": 0.2, "absent": 0.3}  # how much each kind of words weighs
OTHERS = 0.1  # of pictures that are not asked for; each stands for ten
LANGUAGES = ("en", "zh")

Fit = Callable[[Floats, Floats, Floats], Floats]


@dataclass(frozen=True, eq=False)
class Asked:
    """Words of one kind asked of one library: `right` (q, n) says of which pictures they are."""

    kind: str  # of KINDS, or "captions": one picture each
    cosines: dict[str, Floats]  # by space, (q, n)
    right: NDArray[np.bool_]

    def nearness(self, weights: dict[str, float]) -> Floats:
        summed: Floats = np.sum([w * self.cosines[name] for name, w in weights.items()], axis=0)
        return summed


def asked_of(
    testset: Testset, others: Sequence[Testset], vectors: dict[Space, Vectors], encoder: Encoder
) -> list[Asked]:
    """Every kind of words in both languages."""
    made = []
    for language in LANGUAGES:
        told = {
            "labels": queries.labels(testset, language),
            "general": queries.general(testset, language),
            "captions": testset.questions(language) if testset.captioned else [],
        }
        wanted = {kind: [(one.text, one.right) for one in some] for kind, some in told.items()}
        absent = queries.absent(testset, others, language, most=len(testset.rows))
        absent += queries.rare(testset, language, UNLIKELY) + queries.nonsense(language, seed=7)
        wanted["absent"] = [(text, frozenset()) for text in absent]
        for kind, pairs in wanted.items():
            if pairs:
                made.append(_asked(kind, pairs, len(testset.rows), vectors, encoder))
    return made


def fit_words(libraries: Sequence[Sequence[Asked]], fit: Fit) -> list[dict[str, Any]]:
    """An entry for each set of evidence, as `Calibration.read` takes them under "words".

    `fit` is a logistic regression: features (n, k), answers and weights (n,) -> bias first.
    """
    return [_entry(libraries, names, fit) for names in subsets([str(one) for one in Space])]


def _entry(libraries: Sequence[Sequence[Asked]], names: Sequence[str], fit: Fit) -> dict[str, Any]:
    share = _share(libraries) if len(names) > 1 else 1.0
    shares = dict(zip(names, (1.0, share), strict=False))
    near = [[(one, one.nearness(shares)) for one in library] for library in libraries]
    bias, slope = _curve(near, fit)
    odds = [[(one, bias + slope * values) for one, values in library] for library in near]
    gate, growth = _gate(odds)
    yardstick = {"gate": gate, "growth": growth} | _fall(odds, gate, growth, fit)
    return {
        "bias": _short(bias),
        "weights": {name: [0.0, _short(slope * part)] for name, part in shares.items()},
        "yardstick": {name: _short(value) for name, value in yardstick.items()},
    }


def _share(libraries: Sequence[Sequence[Asked]]) -> float:
    """How much captions weigh: what ranks best of all that ranks nothing worse."""
    ranked = np.array(
        [
            [_quality(one, {"image": 1.0, "caption": share}) for share in SHARES]
            for library in libraries
            for one in library
            if one.kind != "absent"
        ]
    )
    harmless = (ranked >= ranked[:, :1]).all(0)
    return SHARES[int(np.where(harmless, ranked.mean(0), -1).argmax())]


def _quality(one: Asked, weights: dict[str, float]) -> float:
    """Mean average precision; of captions how many are among the first ten."""
    order = np.argsort(-one.nearness(weights), axis=1, kind="stable")
    right = np.take_along_axis(one.right, order, 1)
    if one.kind == "captions":
        return float(right[:, :10].any(1).mean())
    found = right.cumsum(1) / np.arange(1, right.shape[1] + 1)
    return float(((found * right).sum(1) / right.sum(1)).mean())


def _curve(near: Sequence[Sequence[tuple[Asked, Floats]]], fit: Fit) -> tuple[float, float]:
    rows = [_pairs(one, [values]) for library in near for one, values in library]
    features, right, weights = (
        np.concatenate(part) for part in zip(*filter(None, rows), strict=True)
    )
    bias, slope = fit(features, right, weights / weights.mean())
    return float(bias), float(slope)


def _gate(odds: Sequence[Sequence[tuple[Asked, Floats]]]) -> tuple[float, float]:
    """What words that nothing answers hardly ever reach in THOUSAND images, and how it grows."""
    chance, points = np.random.default_rng(0), []
    for library in odds:
        absent = np.concatenate([values for one, values in library if one.kind == "absent"])
        count = absent.shape[1]
        for size in (*(size for size in SIZES if size < count), count):
            for _ in range(DRAWS if size < count else 1):
                drawn = absent[:, chance.permutation(count)[:size]]
                points.append((size, float(np.quantile(_best(drawn), QUIET))))
    sizes, reached = np.array(points).T
    growth, gate = np.polyfit(np.log(sizes / THOUSAND), reached, 1)
    return float(gate), float(growth)


def _fall(
    odds: Sequence[Sequence[tuple[Asked, Floats]]], gate: float, growth: float, fit: Fit
) -> dict[str, float]:
    """How pictures fall behind the best ones, of words that pass the gate."""
    rows = []
    for library in odds:
        for one, values in library:
            images = values.shape[1]
            best = _best(values)
            through = best >= gate + growth * np.log(max(images, FEWEST) / THOUSAND)
            kept, values = best[through, None], values[through]
            place = min(CROWD, max(images // 4, 1))
            crowd = kept[:, 0] - -np.partition(-values, place, axis=1)[:, place]
            behind = np.minimum(values - kept, 0.0)
            wide = np.repeat(-crowd[:, None], images, axis=1)
            passed = Asked(one.kind, {}, one.right[through])
            rows.append(_pairs(passed, [behind, wide], whole=len(through)))
    features, right, weights = (
        np.concatenate(part) for part in zip(*filter(None, rows), strict=True)
    )
    top, fall, crowd = fit(features, right, weights / weights.mean())
    return {"top": float(top), "fall": float(fall), "crowd": float(crowd)}


def _pairs(
    one: Asked, features: Sequence[Floats], whole: int | None = None
) -> tuple[Floats, Floats, Floats] | None:
    """Features (n, k), answers and weights of pairs of words and picture, some of those that do
    not belong together left out. The words of a kind weigh as much as it does, all together."""
    if one.kind not in KINDS or not one.right.size:
        return None
    kept = one.right | (np.random.default_rng(1).random(one.right.shape) < OTHERS)
    weight = KINDS[one.kind] / (whole or len(one.right))
    weights = np.where(one.right, weight, weight / OTHERS)[kept]
    return (
        np.column_stack([part[kept] for part in features]),
        one.right[kept].astype(float),
        weights,
    )


def _best(odds: Floats) -> Floats:
    """(q,) how near the best pictures are."""
    best: Floats = -np.partition(-odds, BEST - 1, axis=1)[:, :BEST].mean(1)
    return best


def _asked(
    kind: str,
    pairs: Sequence[tuple[str, frozenset[int]]],
    images: int,
    vectors: dict[Space, Vectors],
    encoder: Encoder,
) -> Asked:
    texts = encoder.encode_texts([text for text, _ in pairs])
    right = np.zeros((len(pairs), images), bool)
    for row, (_, numbers) in enumerate(pairs):
        right[row, list(numbers)] = True
    cosines = {str(space): (texts @ found.T).astype(np.float64) for space, found in vectors.items()}
    return Asked(kind, cosines, right)


def _short(value: float) -> float:
    return round(value, 4)
