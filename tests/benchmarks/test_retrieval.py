"""Figures that can be worked out by hand, on a fake encoder that knows colours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.retrieval import (
    Figure,
    judge,
    latency,
    measure,
    rank,
    table,
)
from evaluation.testsets import Question, open_testsets
from tests.fakes import COLOURS, FakeCaptioner, FakeEncoder
from tests.pictures import speckled


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """Three colours, six pictures each, by label and by caption."""
    colours = ["red", "green", "blue"] * 6
    for name in ("labels", "captions"):
        (tmp_path / name).mkdir()
        rows = [_row(tmp_path / name, i, colour) for i, colour in enumerate(colours)]
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (tmp_path / name / f"{name}.jsonl").write_text("\n".join(lines))
    return tmp_path


def _row(folder: Path, number: int, colour: str) -> dict[str, object]:
    speckled(COLOURS[colour], number, 16).save(folder / f"{number}.png")
    zh = {"red": "红", "green": "绿", "blue": "蓝"}[colour]
    row: dict[str, object] = {"file": f"{number}.png"}
    if folder.name == "captions":
        return row | {"captions": [f"a {colour} picture"], "captions_zh": [f"{zh}色"]}
    return row | {"label": colour, "label_zh": zh, "query_tags": [f"{colour} apple"]}


def value(figures: list[Figure], testset: str, task: str, measured: str, language: str) -> float:
    (found,) = [
        f.value
        for f in figures
        if (f.testset, f.task, f.measure, f.language) == (testset, task, measured, language)
    ]
    return found


@pytest.fixture
def figures(top: Path) -> list[Figure]:
    encoder = FakeEncoder()
    return measure(encoder, FakeCaptioner(encoder), open_testsets(top), ["en", "zh"])[0]


def test_a_label_finds_all_its_pictures_first(figures: list[Figure]) -> None:
    for language in ("en", "zh"):
        assert value(figures, "labels", "text to image", "p@min(10,n)", language) == 1.0
        assert value(figures, "labels", "text to image", "mAP", language) == 1.0
    assert value(figures, "labels", "text to image", "p@10", "en") == pytest.approx(0.6)


def test_a_picture_finds_its_label_among_all(figures: list[Figure]) -> None:
    assert value(figures, "labels", "image to text", "R@1", "en") == 1.0


def test_one_of_six_equal_captions_is_right_within_six(figures: list[Figure]) -> None:
    assert value(figures, "captions", "text to image", "R@10", "en") == 1.0
    assert value(figures, "captions", "text to image", "R@1", "en") == pytest.approx(1 / 6, abs=0.2)


def test_a_query_of_the_set_is_asked_in_both_languages(figures: list[Figure]) -> None:
    assert value(figures, "labels", "red apple", "p@min(10,n)", "en") == 1.0
    assert value(figures, "labels", "红色苹果", "p@min(10,n)", "zh") == 1.0


def test_captions_are_judged_by_people_or_by_the_label(figures: list[Figure]) -> None:
    assert value(figures, "labels", "caption", "names the label", "en") == 1.0
    assert value(figures, "captions", "caption", "BLEU-4", "en") == 0.0  # three words have no four
    assert value(figures, "captions", "caption", "CIDEr", "en") > 5


def test_a_label_with_few_pictures_is_no_query(top: Path) -> None:
    (labels,) = [s for s in open_testsets(top) if s.name == "labels"]
    labels.rows = labels.rows[:14]  # five red, five green, four blue
    assert {q.text for q in labels.questions("en")} == {"a photo of red", "a photo of green"}


def test_equal_scores_are_ranked_by_number() -> None:
    items = np.array([[0, 1], [1, 0], [1, 0]], np.float32)
    assert rank(np.array([[1, 0]], np.float32), items) == [[1, 2, 0]]


def test_every_figure_has_an_interval_around_it() -> None:
    questions = [Question("x", frozenset([i % 2])) for i in range(50)]
    judged = judge([[0, 1]] * 50, [q.right for q in questions], ("set", "task", "en"))
    first = next(f for f in judged if f.measure == "R@1")
    assert first.value == 0.5
    assert first.low < 0.5 < first.high
    assert first.queries == 50


def test_the_table_has_a_line_for_each_task(figures: list[Figure]) -> None:
    lines = table(figures).splitlines()
    assert len(lines) == len({(f.testset, f.task, f.language) for f in figures})


def test_latency_is_told_in_milliseconds_and_pictures(top: Path) -> None:
    told = latency(FakeEncoder(), open_testsets(top)[0], rounds=5)
    assert told.keys() == {"images_per_second", "text_ms_p50", "text_ms_p95"}
    assert told["images_per_second"] > 0


def test_pictures_that_nobody_described_in_a_language_are_not_judged_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "captions"
    folder.mkdir()
    rows = [_row(folder, i, colour) for i, colour in enumerate(["red", "green", "blue"])]
    del rows[2]["captions_zh"]
    (folder / "captions.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    encoder = FakeEncoder()
    found = measure(encoder, FakeCaptioner(encoder), open_testsets(tmp_path), ["en", "zh"])[0]
    pictures = {(f.language, f.task): f.queries for f in found if f.measure in ("CIDEr", "R@1")}
    assert pictures["en", "caption"] == 3
    assert pictures["zh", "image to text"] == 2
    assert pictures.get(("zh", "caption"), 2) == 2
