"""What the reader of lines knows of a library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from search.language import Lexicon
from search.language.synonyms import read_synonyms
from search.lexicons import Lexicons


class Known:
    """A library whose words can change, and a model that counts how often it is asked."""

    def __init__(self, folder: Path) -> None:
        self.words = {"quince"}
        self.asked = 0
        names = {"camera": ["Pixel 8"]}
        self._lexicons = Lexicons(folder, lambda: names, lambda some: self.words.intersection(some))

    def now(self, model: str = "m") -> Lexicon:
        return self._lexicons.of(model, self._vocabulary)

    def _vocabulary(self) -> Sequence[str]:
        self.asked += 1
        return "the", "apple", "ample"


def test_it_knows_the_words_of_the_model_and_of_the_library(tmp_path: Path) -> None:
    known = Known(tmp_path)
    assert [word for word in ("apple", "Quince", "medlar") if known.now().knows(word)] == [
        *("apple", "Quince")
    ]
    known.words.add("medlar")
    assert known.now().knows("medlar")
    assert known.now("another").knows("apple")
    assert known.asked == 2


def test_of_near_words_that_of_the_library_is_meant_then_the_common_one(tmp_path: Path) -> None:
    known = Known(tmp_path)
    assert known.now().most_common({"apple", "ample", "maple"}, "a") == "apple"
    known.words |= {"ample", "maple"}
    assert known.now().most_common({"apple", "ample", "maple"}, "a") == "ample"
    assert known.now().most_common({"pear"}, "p") is None


def test_a_change_of_the_synonyms_counts_at_once(tmp_path: Path) -> None:
    known, file = Known(tmp_path), tmp_path / "synonyms.txt"
    assert known.now().synonyms == {}
    file.write_text("sneakers = trainers\n", "utf-8")
    assert known.now().synonyms == {"sneakers": ("trainers",), "trainers": ("sneakers",)}
    file.unlink()
    assert known.now().synonyms == {}
    file.write_bytes(b"\xff\xfe\xff")
    assert known.now().synonyms == {}


@pytest.mark.parametrize("text", ["", "# sneakers = trainers", "sneakers", "sneakers =", "= a"])
def test_a_line_that_says_nothing_is_left_out(text: str) -> None:
    assert read_synonyms(text) == {}


def test_all_of_a_line_mean_the_same() -> None:
    assert read_synonyms("Sneakers = trainers, running  shoes # sold\n球鞋＝运动鞋") == {
        "sneakers": ("trainers", "running shoes"),
        "trainers": ("sneakers", "running shoes"),
        "running shoes": ("sneakers", "trainers"),
        "球鞋": ("运动鞋",),
        "运动鞋": ("球鞋",),
    }
