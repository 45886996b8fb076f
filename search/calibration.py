"""What the scores of a model mean: from features of any evidence to a probability.

A logistic curve gives the log-odds of being relevant as a bias and a weighted sum over the features
of whatever evidence there is of an image. An image without a caption is not one with a bad caption,
so each set of evidence has a bias and weights of its own, fitted by `python -m training.calibrate`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from itertools import chain, combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Features = Mapping[str, Floats]  # by name of the evidence: (n, f), NaN where it knows nothing


@dataclass(frozen=True, slots=True)
class Sum:
    """The log-odds of images of which just this evidence is there."""

    bias: float
    weights: Mapping[str, Sequence[float]]  # of the features of each evidence; none is negative

    @property
    def evidence(self) -> frozenset[str]:
        return frozenset(self.weights)

    def of(self, features: Features) -> Floats:
        """Of many images, or of one whose features are (f,); NaN where one has not all of it.

        Feature by feature, so that equal images have equal odds wherever they stand.
        """
        summed: Any = self.bias
        for name, weights in self.weights.items():
            for weight, values in zip(weights, features[name].T, strict=True):
                summed = summed + weight * values
        return np.asarray(summed)


@dataclass(frozen=True, slots=True)
class Addend:
    """Evidence that adds to the log-odds of whatever else there is, and nothing where it is absent:
    `weight` times its first feature. Alone it has a bias of its own."""

    weight: float
    bias: float

    def gain(self, values: Floats) -> Floats:
        """Of many images (n, f), or of one (f,)."""
        return np.asarray(self.weight * values.T[0])


# by `python -m benchmarks.fusion`
ADDENDS = {"words": Addend(weight=3.0, bias=-3.0)}
COSINE_ADDENDS = {"words": Addend(weight=1.5, bias=-3.0)}  # to a curve over cosines alone


@dataclass(frozen=True, slots=True)
class Curve:
    """Sums, one for each set of evidence that was fitted; and what adds to any of them.

    A set that nobody has fitted is judged by the largest part of it that somebody has, of equally
    large ones the first by name: the rest adds nothing. One of which no part has been fitted is no
    evidence at all.
    """

    sums: Sequence[Sum]
    added: Mapping[str, Addend] = field(default_factory=lambda: ADDENDS)
    _chosen: dict[frozenset[str], Sum | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def log_odds(self, features: Features) -> Floats:
        """(n,) of being relevant; minus infinity where there is no evidence of an image."""
        fitted = {name: values for name, values in features.items() if name not in self.added}
        count = len(next(iter(features.values())))
        odds = self._fitted(fitted) if fitted else np.full(count, -np.inf)
        for name in features.keys() - fitted.keys():
            odds = _increased(odds, self.added[name], features[name])
        return odds

    def _fitted(self, features: Features) -> Floats:
        there = ~np.isnan([values[:, -1] for values in features.values()])
        odds = np.full(there.shape[1], -np.inf)
        for names, rows in _groups(list(features), there):
            if found := self._sum(names):
                np.copyto(odds, found.of(features), where=rows)
        return odds

    def bound(self, lasts: Features) -> float:
        """No image can have more log-odds that has at most these features (f,) of each evidence, or
        nothing of it."""
        fitted = {name: last for name, last in lasts.items() if name not in self.added}
        found = filter(None, (self._sum(frozenset(names)) for names in subsets(fitted)))
        bound = max((float(one.of(lasts)) for one in found), default=-np.inf)
        for name in lasts.keys() - fitted.keys():
            one, gain = self.added[name], float(self.added[name].gain(lasts[name]))
            bound = max(bound + max(gain, 0.0), one.bias + gain)
        return bound

    def alone(self, features: Features) -> dict[str, Floats]:
        """The log-odds if each evidence were all that there is: how much it carries."""
        return {name: self.log_odds({name: values}) for name, values in features.items()}

    def least(self, names: Iterable[str]) -> list[frozenset[str]]:
        """The smallest sets of this evidence by which an image can be judged."""
        fitted = [one.evidence for one in self.sums if one.evidence <= set(names)]
        alone = [frozenset([name]) for name in names if name in self.added]
        return [one for one in fitted if not any(other < one for other in fitted)] + alone

    def _sum(self, evidence: frozenset[str]) -> Sum | None:
        if evidence not in self._chosen:
            fitted = [one for one in self.sums if one.evidence <= evidence]
            fitted.sort(key=lambda one: (-len(one.evidence), sorted(one.evidence)))
            self._chosen[evidence] = fitted[0] if fitted else None
        return self._chosen[evidence]


@dataclass(frozen=True, slots=True)
class AddedFirst(Curve):
    """Judges images by what is added alone, where there is any of it; the others fall `behind`.

    For questions that the fitted evidence answers for no image.
    """

    behind: float = 0.0  # log-odds that an image loses of which nothing added is there
    doubt: float = 0.0  # and that the others lose

    def log_odds(self, features: Features) -> Floats:
        fitted = {name: values for name, values in features.items() if name not in self.added}
        count = len(next(iter(features.values())))
        odds = self._fitted(fitted) - self.behind if fitted else np.full(count, -np.inf)
        for name in features.keys() - fitted.keys():
            values = features[name]
            odds = np.where(np.isnan(values[:, 0]), odds, self._alone(name, values))
        return odds

    def bound(self, lasts: Features) -> float:
        fitted = {name: last for name, last in lasts.items() if name not in self.added}
        found = filter(None, (self._sum(frozenset(names)) for names in subsets(fitted)))
        bound = max((float(one.of(lasts)) for one in found), default=-np.inf) - self.behind
        added = (float(self._alone(name, lasts[name])) for name in lasts.keys() - fitted.keys())
        return max([bound, *added])

    def _alone(self, name: str, values: Floats) -> Floats:
        one = self.added[name]
        return one.bias - self.doubt + one.gain(values)


def _increased(odds: Floats, one: Addend, values: Floats) -> Floats:
    gain = np.where(np.isnan(values[:, 0]), 0.0, one.gain(values))
    alone = np.where(np.isnan(values[:, 0]), -np.inf, one.bias + gain)
    return np.where(np.isneginf(odds), alone, odds + gain)


def _groups(
    names: Sequence[str], there: NDArray[np.bool_]
) -> Iterator[tuple[frozenset[str], NDArray[np.bool_]]]:
    """Each set of evidence that an image has, and which images have just this; `there` (e, n)."""
    if there.all():  # as where each picture has a caption
        yield frozenset(names), there[0]
        return
    which = (1 << np.arange(len(names))) @ there
    for code in set(which.tolist()):
        yield (
            frozenset(name for place, name in enumerate(names) if code >> place & 1),
            which == code,
        )


def subsets(names: Iterable[str]) -> Iterable[tuple[str, ...]]:
    """All but the empty one, the largest first."""
    every = list(names)
    return chain.from_iterable(combinations(every, size) for size in range(len(every), 0, -1))


@dataclass(frozen=True, slots=True)
class Prior:
    """The background of one kind of component in one space, for a library too small to tell."""

    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What log-odds of words mean in a library of any size, for one set of evidence.

    Words that nothing answers reach `gate` in one of twenty libraries of THOUSAND images, and
    `growth` more for each time that it is e times as large. Beyond the gate an image is judged by
    how far it falls behind the best ones, and by how many crowd there: `top - fall x (its distance)
    - crowd x (that of the CROWDth)` are its calibrated log-odds.
    """

    gate: float
    growth: float
    top: float
    fall: float
    crowd: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A curve over z-score and cosine of each space, and the priors of their backgrounds.

    The defaults, z-scores alone, serve a model that nobody has fitted. For words alone a fitted
    model has a curve of its own, over what does not hang on the library, and how to read it.
    """

    curve: Curve = Curve(
        (
            Sum(-8.6, {"image": (2.0, 0.0), "caption": (0.4, 0.0)}),
            Sum(-8.6, {"image": (2.3, 0.0)}),
            Sum(-6.9, {"caption": (1.3, 0.0)}),
        )
    )
    priors: Mapping[str, Prior] = field(
        default_factory=lambda: {
            "text-image": Prior(0.05, 0.12),
            "text-caption": Prior(0.15, 0.2),
            "image-image": Prior(0.15, 0.2),
            "image-caption": Prior(0.05, 0.12),
        }
    )

    words: Curve | None = None
    yardsticks: Mapping[frozenset[str], Yardstick] = field(
        default_factory=dict
    )  # by set of evidence

    @classmethod
    def of(cls, model: str) -> Calibration:
        """The fitted one, where `calibration.json` has it."""
        table = json.loads(resources.files(__package__).joinpath("calibration.json").read_text())
        return cls.read(table[model]) if model in table else cls()

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Calibration:
        """One entry of `calibration.json`."""
        curve = Curve([Sum(one["bias"], one["weights"]) for one in entry["curve"]])
        priors = {name: Prior(*values) for name, values in entry["priors"].items()}
        told = entry.get("words", [])
        sums = [Sum(one["bias"], one["weights"]) for one in told]
        words = Curve(sums, COSINE_ADDENDS) if told else None
        yardsticks = {frozenset(one["weights"]): Yardstick(**one["yardstick"]) for one in told}
        return cls(curve, priors, words, yardsticks)

    def yardstick(self, names: Iterable[str]) -> Yardstick | None:
        """Of words, by this evidence: that of the largest part of it that was fitted."""
        known = [one for one in self.yardsticks if one <= frozenset(names)]
        best = min(known, key=lambda one: (-len(one), sorted(one)), default=None)
        return None if best is None else self.yardsticks[best]

    def prior(self, kind: str, space: str) -> Prior:
        """Of "text" or "image" components in a space; a space that was not fitted is like that of
        captions."""
        return self.priors.get(f"{kind}-{space}") or self.priors[f"{kind}-caption"]


def probability(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(log_odds, -50, 50)))


def floor_of(minimum: float) -> float:
    """The log-odds of a probability; 0 means no floor at all."""
    if minimum >= 1:
        return np.inf
    return float(np.log(minimum / (1 - minimum))) if minimum > 0 else -np.inf
