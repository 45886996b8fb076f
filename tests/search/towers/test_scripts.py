"""The words that each language may be written in, read off the shipped vocabulary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import search
from search.towers.scripts import LATIN_IN_CHINESE, allowed

FILE = Path(search.__file__).parent / "embedded" / "tokenizer.json"


@pytest.fixture(scope="module")
def pieces() -> dict[str, int]:
    vocabulary: dict[str, int] = json.loads(FILE.read_text("utf-8"))["model"]["vocab"]
    return vocabulary


def written(pieces: dict[str, int], language: str) -> set[str]:
    ids = allowed(pieces, language)
    assert ids is not None
    assert ids == sorted(set(ids))
    return {piece for piece, id_ in pieces.items() if id_ in set(ids)}


def test_english_has_its_words_numbers_and_marks_and_no_chinese_one(
    pieces: dict[str, int],
) -> None:
    english = written(pieces, "en")
    assert {"cup", "##s", "2", ",", "'", "ñ", "<eos>"} <= english
    assert not {"杯", "恤", "，"} & english
    assert len(english) + sum(any(c >= "\u2e80" for c in p) for p in pieces) == len(pieces)


def test_chinese_has_its_characters_numbers_and_the_few_latin_words_that_it_borrows(
    pieces: dict[str, int],
) -> None:
    chinese = written(pieces, "zh")
    assert {"杯", "恤", "t", "ipod", "usb", "2", ",", "<eos>"} <= chinese
    assert not {"cup", "##s", "a", "of"} & chinese
    assert pieces.keys() >= LATIN_IN_CHINESE


def test_what_has_no_rule_is_left_alone() -> None:
    assert allowed({"chat": 1}, "fr") is None
    assert allowed({"<eos>": 0, "cat": 1}, "zh") is None  # this one cannot write it at all
