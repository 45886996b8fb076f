"""What words mean is fitted here: from cosines whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from search.calibration import Calibration
from search.threshold import threshold_of
from training.calibrate import fit
from training.yardstick import Asked, fit_words

IMAGES, QUERIES = 600, 40
FAR, NEAR, NOISE = 0.0, 0.7, 0.1


def asked(kind: str, relevant: int, seed: int, caption_helps: bool = True) -> Asked:
    """Cosines with what is asked for are NEAR; captions see as well, or are noise."""
    chance = np.random.default_rng(seed)
    right = np.zeros((QUERIES, IMAGES), bool)
    for row in right:
        row[chance.permutation(IMAGES)[:relevant]] = True
    middle = np.where(right, NEAR, FAR)
    blind = np.zeros_like(middle)
    return Asked(
        kind,
        {
            "image": middle / 2 + chance.normal(0, NOISE, middle.shape),
            "caption": (middle if caption_helps else blind) + chance.normal(0, NOISE, middle.shape),
        },
        right,
    )


def library(seed: int, caption_helps: bool = True) -> list[Asked]:
    kinds = {"labels": 8, "general": 80, "captions": 1}
    made = [
        asked(kind, n, seed + place, caption_helps) for place, (kind, n) in enumerate(kinds.items())
    ]
    return [*made, asked("absent", 0, seed + 9)]


@pytest.fixture(scope="module")
def fitted() -> Calibration:
    entry = {"curve": [], "priors": {}, "words": fit_words([library(1), library(50)], fit)}
    return Calibration.read(entry)


def test_each_set_of_evidence_is_fitted_by_cosines_alone(fitted: Calibration) -> None:
    assert fitted.words is not None
    weights = {tuple(one.weights): one.weights for one in fitted.words.sums}
    assert list(weights) == [("image", "caption"), ("image",), ("caption",)]
    assert all(of[0] == 0 for one in weights.values() for of in one.values())
    assert weights["image",]["image"][1] > 5


def test_words_that_nothing_answers_stay_below_the_gate_and_others_pass(
    fitted: Calibration,
) -> None:
    yardstick = fitted.yardstick(["image", "caption"])
    assert fitted.words is not None
    assert yardstick is not None
    for kind, relevant, passing in (("labels", 8, 40), ("absent", 0, 2)):
        one = asked(kind, relevant, 7)
        features = {name: np.stack([0 * of, of], -1) for name, of in one.cosines.items()}
        shut = 0
        for row in range(QUERIES):
            odds = fitted.words.log_odds({name: of[row] for name, of in features.items()})
            threshold = threshold_of(yardstick, -np.sort(-odds), IMAGES)
            shut += threshold.shut
            if relevant:
                scores = threshold.scores(odds)
                assert scores[one.right[row]].mean() > 0.5 > scores[~one.right[row]].max()
        assert QUERIES - shut == pytest.approx(passing, abs=3)


def test_captions_that_only_add_noise_weigh_nothing() -> None:
    entry = fit_words([library(1, caption_helps=False)], fit)[0]
    assert entry["weights"]["caption"] == [0.0, 0.0]
    assert fit_words([library(1)], fit)[0]["weights"]["caption"][1] > 0
