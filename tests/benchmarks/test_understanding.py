"""Figures that can be worked out by hand, of the real engine over pictures in one colour."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks.understanding import reading
from benchmarks.understanding.__main__ import measure
from benchmarks.understanding.case import Answer, Towers
from benchmarks.understanding.features import features
from benchmarks.understanding.figures import Figure, Place, table
from benchmarks.understanding.line import Judged, calibration_error
from benchmarks.understanding.topics import TOPICS
from evaluation import queries
from evaluation.testsets import Testset, joined, open_testsets
from search.calibration import Calibration
from tests.fakes import CHINESE, COLOURS, FakeCaptioner, FakeEncoder
from tests.pictures import speckled

NUMBER = 4  # pictures of each colour


def draw(folder: Path, kind: str, colours: Sequence[str]) -> None:
    folder.mkdir(parents=True)
    rows = []
    for number, colour in enumerate(colours * NUMBER):
        speckled(COLOURS[colour], number, 16).save(folder / f"{number}.png")
        told = {"label": colour, "label_zh": CHINESE[colour]}
        if kind == "captions":
            told = {"captions": [f"a {colour} dog", f"{colour} dogs"], "captions_zh": []}
        rows.append({"file": f"{number}.png"} | told)
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / f"{kind}.jsonl").write_text(text)


@pytest.fixture(scope="module")
def testsets(tmp_path_factory: pytest.TempPathFactory) -> list[Testset]:
    top = tmp_path_factory.mktemp("sets")
    draw(top / "warm", "labels", ("red", "yellow", "green"))
    draw(top / "cold", "labels", ("blue", "black"))
    draw(top / "scenes", "captions", ("white", "green", "blue"))
    return open_testsets(top)


@pytest.fixture(scope="module")
def figures(testsets: list[Testset]) -> list[Figure]:
    encoder = FakeEncoder()
    towers = Towers(encoder, FakeCaptioner(encoder), Calibration())
    return list(measure(testsets, towers, list(TOPICS), None))


def value(figures: list[Figure], testset: str, topic: str, asked: str, measured: str) -> float:
    (found,) = [
        f.value
        for f in figures
        if (f.testset, f.topic, f.asked, f.measure) == (testset, topic, asked, measured)
    ]
    return found


def test_labels_find_their_pictures_in_every_space(figures: list[Figure]) -> None:
    for target in ("hybrid", "image", "caption"):
        assert value(figures, "warm", "fusion", f"labels en {target}", "mAP") == 1.0
        assert value(figures, "cold", "fusion", f"labels zh {target}", "mAP") == 1.0
    assert value(figures, "scenes", "fusion", "captions en image", "R@10") == 1.0


def test_the_line_is_asked_for_what_is_there_and_what_is_not(figures: list[Figure]) -> None:
    assert value(figures, "warm", "line", "labels en", "recall") == 1.0
    asked = {(f.testset, f.asked): f.queries for f in figures if f.topic == "line"}
    assert asked["warm", "absent en"] == 2
    assert asked["cold", "absent zh"] == 3
    assert asked["mixed", "labels en"] == 5
    assert ("mixed", "absent en") not in asked


def test_what_a_set_shows_is_not_asked_for_as_absent(testsets: list[Testset]) -> None:
    cold, scenes, warm = testsets
    assert queries.absent(warm, [cold, scenes], "en") == ["black", "blue"]
    assert queries.absent(scenes, [warm, cold], "en") == ["black", "red", "yellow"]
    assert [one.text for one in queries.general(scenes, "en")] == ["dog", "animal"]
    assert queries.shows(joined("mixed", testsets), "red")


def test_scores_that_promise_what_they_keep_have_no_error() -> None:
    honest = Judged(Answer([1, 2, 3, 4], [0.5] * 4, 4, 4), frozenset([1, 3]))
    boasting = Judged(Answer([1, 2], [0.95, 0.95], 2, 2), frozenset([7]))
    assert calibration_error([honest]) == pytest.approx(0)
    assert calibration_error([boasting]) == pytest.approx(0.95)
    assert honest.part(0.0) == (1.0, 0.5)
    assert honest.part(0.9) == (0.0, None)
    assert np.isnan(calibration_error([Judged(Answer([], [], 0, 0), frozenset([1]))]))


def test_pictures_are_embedded_once(testsets: list[Testset], tmp_path: Path) -> None:
    encoder = FakeEncoder()
    made = [features(testsets[0], encoder, FakeCaptioner(encoder), tmp_path) for _ in range(2)]
    assert encoder.pictures_seen == len(testsets[0].rows) == len(made[0].captions)
    assert np.array_equal(made[0].views, made[1].views)
    assert made[0].captions == made[1].captions
    features(testsets[1], encoder, None, tmp_path)
    other = Testset(testsets[0].folder, testsets[1].name, testsets[0].rows, captioned=False)
    features(other, encoder, None, tmp_path)  # the file is of other pictures
    assert encoder.pictures_seen == 2 * len(testsets[0].rows) + len(testsets[1].rows)


def test_a_table_has_a_line_for_each_kind_of_queries() -> None:
    place = Place("warm", "line", "absent en")
    lines = table([place.mean("any hit", [0.0, 1.0]), place.mean("strong", [0.0, 0.0])])
    assert len(lines.splitlines()) == 1
    assert "any hit 0.500" in lines


def test_lines_are_said_in_ways_that_rules_make() -> None:
    assert reading.typo("red apple") == reading.typo("red apple") != "red apple"
    assert reading.typo("red cat") is None
    assert reading.traditional("苹果") == "蘋果"
    assert reading.traditional("香蕉") is None
    assert reading.emoji_of("banana") == "\N{BANANA}"
    assert reading.emoji_of("dog") == "\N{DOG FACE}"


def test_a_frame_around_a_label_costs_nothing_once_it_is_read(figures: list[Figure]) -> None:
    for saying in ("en show me X please", "en UPPER CASE", "zh 我想找X的图片"):
        assert value(figures, "cold", "reading", f"{saying}: read", "mAP") == 1.0
