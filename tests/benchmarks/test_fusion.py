"""Titles of a shop beside what its pictures show: which way of weighing them finds what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.fusion import measure, of_titles
from benchmarks.understanding.case import Towers
from evaluation.testsets import open_testsets
from search.calibration import Calibration
from tests.fakes import COLOURS, FakeCaptioner, FakeEncoder
from tests.pictures import speckled

BRANDS = ("Acme", "Bolt", "Crow", "Dune")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, object]]]:
    """Twelve dots in four colours, each by a brand of its own choice."""
    folder = tmp_path_factory.mktemp("shop")
    rows, titles = [], {}
    for number in range(12):
        colour, brand = list(COLOURS)[number % 4], BRANDS[number // 3]
        file = f"{number:02}.png"
        speckled(COLOURS[colour], number, 16).save(folder / file)
        rows.append({"file": file, "label": "dot"})
        title = f"{brand} {colour} dot number {number}"
        titles[file] = {"title": title, "label": "dot", "attributes": [colour, "cheap"]}
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder, titles


def test_questions_of_a_shop_are_made_of_titles_and_attributes_by_rule(
    shop: tuple[Path, dict[str, dict[str, object]]],
) -> None:
    folder, titles = shop
    (testset,) = open_testsets(folder)
    asked = list(of_titles(testset, titles))
    assert [(kind, one.text, sorted(one.right)) for kind, one in asked if kind == "brand"] == [
        ("brand", brand.lower(), [3 * n, 3 * n + 1, 3 * n + 2]) for n, brand in enumerate(BRANDS)
    ]
    assert {one.text for kind, one in asked if kind == "colour"} == {
        f"{colour} dot" for colour in list(COLOURS)[:4]
    }
    assert {kind for kind, _ in asked} == {"brand", "colour", "label"}


def test_a_brand_is_seen_by_nobody_and_read_by_words_and_by_the_sum(
    shop: tuple[Path, dict[str, dict[str, object]]],
) -> None:
    folder, titles = shop
    encoder = FakeEncoder()
    towers = Towers(encoder, FakeCaptioner(encoder), Calibration())
    found = measure(open_testsets(folder), towers, titles, [20.0], None)
    value = {f.asked: f.value for f in found if f.topic == "brand"}
    assert value["words"] == value["sum, 20"] == 1
    assert value["picture"] < 0.8
