"""What relevant means is fitted here: from made evidence whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from search.calibration import Calibration, probability
from search.interfaces import Captioner, Encoder
from search.records import Space
from tests.fakes import COLOURS, FakeCaptioner, FakeEncoder
from training.calibrate import (
    evidence,
    fit,
    fit_curve,
    named_library,
    read,
    read_library,
    write,
)

TRUTH = np.array([-3.0, 1.5, 0.0, 0.8, 4.0])


def made(count: int = 40_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features as they are met (z-scores, cosines), and answers drawn by the truth."""
    chance = np.random.default_rng(seed)
    z, cosine = chance.normal(0, 1.5, (count, 2)), chance.normal(0, 0.4, (count, 2))
    features = np.column_stack([z[:, 0], cosine[:, 0], z[:, 1], cosine[:, 1]])
    likely = probability(TRUTH[0] + features @ TRUTH[1:])
    return features, (chance.random(count) < likely).astype(float)


def test_the_fit_finds_the_curve_that_the_answers_were_drawn_by() -> None:
    features, relevant = made()
    found = fit(features, relevant)
    assert found == pytest.approx(TRUTH, abs=0.2)


def test_what_speaks_against_being_relevant_gets_no_weight_at_all() -> None:
    """A negative weight would put better matches below worse ones."""
    features, relevant = made()
    features[:, 2] *= -1
    found = fit(features, relevant)
    assert (found[1:] >= 0).all()
    assert found[3] == 0
    assert found[1] == pytest.approx(TRUTH[1], abs=0.3)


def test_a_weight_counts_as_so_many_copies() -> None:
    features, relevant = made(2_000)
    weights = np.where(np.arange(len(relevant)) < 500, 3.0, 1.0)
    copies = np.concatenate([features, features[:500], features[:500]])
    answers = np.concatenate([relevant, relevant[:500], relevant[:500]])
    assert fit(features, relevant, weights) == pytest.approx(fit(copies, answers), abs=1e-6)


def test_nonsense_is_refused() -> None:
    features, relevant = made(100)
    for alike in (np.zeros(100), np.ones(100)):
        with pytest.raises(ValueError, match="alike"):
            fit(features, alike)
    features[3, 1] = np.nan
    with pytest.raises(ValueError, match="no finite number"):
        fit(features, relevant)


def test_entries_of_other_models_stay_and_are_read_as_the_search_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "calibration.json"
    assert read(file) == {}
    features, relevant = made(500)
    curve = fit_curve(
        {"image": features[:, :2], "caption": features[:, 2:]}, relevant, np.ones(500)
    )
    priors = {name: [0.1, 0.2] for name in Calibration().priors}
    write(file, "mine", {"curve": [], "priors": priors})
    write(file, "other", {"curve": curve[1:], "priors": priors})
    write(file, "mine", {"curve": curve, "priors": priors})
    assert read(file).keys() == {"mine", "other"}
    mine, other = (Calibration.read(read(file)[name]) for name in ("mine", "other"))
    assert [one.evidence for one in mine.curve.sums] == [
        {"image", "caption"},
        {"image"},
        {"caption"},
    ]
    assert [one.evidence for one in other.curve.sums] == [{"image"}, {"caption"}]
    assert mine.prior("text", "image").mean == 0.1
    assert list(tmp_path.iterdir()) == [file]


def test_each_set_of_evidence_has_a_fit_of_its_own() -> None:
    features, relevant = made()
    names = {"image": features[:, :2], "caption": features[:, 2:3], "words": features[:, 3:]}
    curve = fit_curve(names, relevant, np.ones(len(relevant)))
    assert [" ".join(one["weights"]) for one in curve] == [
        "image caption words",
        "image caption",
        "image words",
        "caption words",
        "image",
        "caption",
        "words",
    ]
    whole, image = curve[0], curve[4]
    found = [whole["bias"], *(weight for of in whole["weights"].values() for weight in of)]
    assert found == pytest.approx(TRUTH, abs=0.2)
    expected = fit(features[:, :2], relevant)
    assert [image["bias"], *image["weights"]["image"]] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("content", ["", "{", "[1, 2]"])
def test_a_file_of_another_kind_is_named_and_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"calibration\.json"):
        write(file, "mine", {})
    assert file.read_text() == content


@pytest.fixture
def towers() -> tuple[Encoder, Captioner]:
    encoder = FakeEncoder()
    return encoder, FakeCaptioner(encoder)


def draw(file: Path, colour: str, number: int) -> None:
    pixels = np.random.default_rng(number).integers(-9, 9, (32, 32, 3)) + COLOURS[colour]
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file)


def test_pictures_that_carry_the_label_are_the_likely_ones(
    tmp_path: Path, towers: tuple[Encoder, Captioner]
) -> None:
    """From files to a curve: six colours are asked for, and each finds its own pictures."""
    lines = []
    for number in range(60):
        colour = list(COLOURS)[number % len(COLOURS)]
        draw(tmp_path / "set" / f"{number}.png", colour, number)
        lines.append(json.dumps({"file": f"{number}.png", "label": colour}))
    (tmp_path / "set" / "labels.jsonl").write_text("\n".join(lines) + "\n\n")
    library = read_library(tmp_path / "set", *towers)
    assert library.images.shape == (60, towers[0].info.dim)
    assert library.spaces.keys() == set(Space)
    features, relevant, weights = evidence([library], towers[0], Calibration())
    assert {name: of.shape for name, of in features.items()} == {
        "image": (6 * 60, 2),
        "caption": (6 * 60, 2),
    }
    assert relevant.sum() == 60
    assert weights.mean() == pytest.approx(1)
    entry = {"curve": fit_curve(features, relevant, weights), "priors": {}}
    likely = probability(Calibration.read(entry).curve.log_odds(features))
    assert likely[relevant == 1].min() > 0.5 > likely[relevant == 0].max()


def test_a_folder_of_named_files_is_asked_for_its_own_names_alone(
    tmp_path: Path, towers: tuple[Encoder, Captioner]
) -> None:
    for number in range(4):
        draw(tmp_path / "named" / f"red-wall-{number:02d}.png", "red", number)
        draw(tmp_path / "named" / "deep" / f"blue-{number:02d}.png", "blue", 9 + number)
    (tmp_path / "named" / "notes.txt").write_text("no picture")
    library = named_library(tmp_path / "named", *towers)
    assert sorted(set(library.labels)) == ["blue", "red wall"]
    assert library.apart
    features, relevant, _ = evidence([library, library], towers[0], Calibration())
    assert len(features["image"]) == 2 * 2 * 8
    assert relevant.sum() == 2 * 8
