"""Curves: a sum for each set of evidence, and what is made of one that nobody has fitted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from search.calibration import Addend, Calibration, Curve, Prior, Sum, floor_of, probability

NAN = np.nan
CURVE = Curve(
    [
        Sum(-3.0, {"image": (1.0, 0.0), "caption": (0.5, 2.0)}),
        Sum(-2.0, {"image": (2.0, 0.5)}),
        Sum(-1.0, {"caption": (0.0, 3.0)}),
    ]
)


def column(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float64)


def test_each_image_is_judged_by_the_sum_for_the_evidence_that_there_is_of_it() -> None:
    features = {
        "image": column((1, 4), (1, 4), (NAN, NAN), (NAN, NAN)),
        "caption": column((2, 3), (NAN, NAN), (2, 3), (NAN, NAN)),
    }
    assert CURVE.log_odds(features).tolist() == [-3 + 1 + 1 + 6, -2 + 2 + 2, -1 + 9, -np.inf]
    assert CURVE.log_odds({"image": features["image"]})[:2].tolist() == [2, 2]


def test_a_set_that_was_not_fitted_is_judged_by_its_largest_part_that_was() -> None:
    features = {
        "stars": column((7.0,), (7.0,), (7.0,)),
        "image": column((1, 4), (1, 4), (NAN, NAN)),
        "caption": column((2, 3), (NAN, NAN), (NAN, NAN)),
    }
    assert CURVE.log_odds(features).tolist() == [5, 2, -np.inf]
    assert CURVE.least(features) == [{"image"}, {"caption"}]


def test_nothing_that_follows_can_have_more_log_odds_than_the_bound() -> None:
    lasts = {"image": np.array([1.0, 4.0]), "caption": np.array([2.0, 3.0])}
    assert CURVE.bound(lasts) == 8  # of a caption alone
    assert CURVE.bound({"image": lasts["image"]}) == 2
    assert CURVE.bound({}) == CURVE.bound({"stars": np.array([9.0])}) == -np.inf


def test_how_much_each_evidence_carries_is_read_off_the_same_curve() -> None:
    alone = CURVE.alone({"image": column((1, 4)), "caption": column((NAN, NAN))})
    assert {name: odds.tolist() for name, odds in alone.items()} == {
        "image": [2.0],
        "caption": [-np.inf],
    }


def test_equal_rows_have_equal_odds_wherever_they_stand() -> None:
    rows = np.repeat(np.random.default_rng(1).standard_normal((1, 2)), 1001, axis=0)
    odds = CURVE.log_odds({"image": rows, "caption": rows / 3})
    assert len(set(odds.tolist())) == 1


def test_probability_and_floor_are_inverse() -> None:
    for p in (0.01, 0.15, 0.5, 0.99):
        assert probability(np.array([floor_of(p)]))[0] == pytest.approx(p)
    assert floor_of(0) == -np.inf
    assert floor_of(1) == np.inf


def test_the_embedded_model_has_a_curve_for_pictures_captions_and_both() -> None:
    fitted = Calibration.of("embedded")
    assert fitted != Calibration()
    assert Calibration.of("nobody's") == Calibration()
    for one in (fitted, Calibration()):
        sets = {sum_.evidence for sum_ in one.curve.sums}
        assert sets == {frozenset(names.split()) for names in ("image", "caption", "image caption")}
        assert all(w >= 0 for sum_ in one.curve.sums for of in sum_.weights.values() for w in of)
        assert one.prior("text", "image").std > 0


def test_a_space_without_priors_of_its_own_is_like_that_of_captions() -> None:
    assert Calibration().prior("image", "ocr") == Calibration().prior("image", "caption")
    assert Calibration(priors={"text-ocr": Prior(0.1, 0.2)}).prior("text", "ocr") == Prior(0.1, 0.2)


def test_what_adds_to_a_curve_adds_nothing_where_it_is_absent_and_keeps_the_bound() -> None:
    curve = dataclasses.replace(CURVE, added={"words": Addend(weight=2.0, bias=-3.0)})
    features = {
        "image": column((1, 4), (1, 4), (NAN, NAN), (NAN, NAN)),
        "words": column((1.5, 0.5), (NAN, NAN), (1.5, 0.5), (NAN, NAN)),
    }
    assert curve.log_odds(features).tolist() == [2 + 3, 2, -3 + 3, -np.inf]
    lasts = {"image": np.array([1.0, 4.0]), "words": np.array([1.5, 0.5])}
    assert curve.bound(lasts) == 2 + 3
    assert curve.bound({"words": lasts["words"]}) == 0
    assert curve.bound({"image": lasts["image"]}) == 2
    assert {"words"} in curve.least(features)
