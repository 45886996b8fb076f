"""What the reader of lines knows of a library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from search.language.synonyms import read_synonyms
from search.lexicons import KEPT_SECONDS, Lexicons
from search.records import Caption


class Known:
    """A library whose captions can change, and a clock that is set by hand."""

    def __init__(self, folder: Path, taught: Sequence[str] = ("the", "apple", "pear")) -> None:
        self.captions = ["a photo of a quince"]
        self.now = 0.0
        self._taught = taught
        self._lexicons = Lexicons(
            folder,
            lambda: [Caption(text, "en", "a model") for text in self.captions],
            lambda: {"camera": ["Pixel 8"]},
            lambda: self.now,
        )

    def words(self, revision: int = 1, model: str = "m") -> set[str]:
        return set(self._lexicons.at(revision, model, lambda: self._taught).words)

    def rank(self, word: str) -> int:
        return self._lexicons.at(1, "m", lambda: self._taught).words[word]

    @property
    def synonyms(self) -> dict[str, Sequence[str]]:
        return dict(self._lexicons.at(1, "m", lambda: self._taught).synonyms)


def test_it_knows_the_words_of_the_model_and_of_captions(tmp_path: Path) -> None:
    known = Known(tmp_path)
    assert known.words() == {"the", "apple", "pear", "photo", "quince"}
    assert known.rank("quince") >= known.rank("the") > known.rank("apple") > known.rank("pear")


def test_a_model_that_cannot_say_what_it_was_taught_corrects_nothing(tmp_path: Path) -> None:
    assert Known(tmp_path, taught=()).words() == set()


def test_words_follow_the_library_but_not_every_second(tmp_path: Path) -> None:
    known = Known(tmp_path)
    known.words()
    known.captions = ["a medlar"]
    known.now = KEPT_SECONDS - 1
    assert "medlar" not in known.words(revision=2)
    known.now = KEPT_SECONDS
    assert "medlar" in known.words(revision=2)
    known.captions = ["a sloe"]
    assert "sloe" in known.words(revision=2, model="another")


def test_a_change_of_the_synonyms_counts_at_once(tmp_path: Path) -> None:
    known, file = Known(tmp_path), tmp_path / "synonyms.txt"
    assert known.synonyms == {}
    file.write_text("sneakers = trainers\n", "utf-8")
    assert known.synonyms == {"sneakers": ("trainers",), "trainers": ("sneakers",)}
    file.unlink()
    assert known.synonyms == {}
    file.write_bytes(b"\xff\xfe\xff")
    assert known.synonyms == {}


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
