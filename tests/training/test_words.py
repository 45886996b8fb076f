"""The words that a text tower was taught."""

from __future__ import annotations

from training.dictionary import Synset, WordNet
from training.words import concrete_nouns, words


def test_words_come_by_how_often_they_occur_and_once_is_a_typo() -> None:
    metas = [
        {"label": "tangerine", "captions": ["A red apple and an appel", "the dog's red ball"]},
        {"title": "Red apple t-shirt"},
    ]
    assert words(metas, ["pear", "red", "o'clock"]) == ["red", "apple", "tangerine", "pear"]


def test_nouns_are_single_words_for_what_can_be_seen() -> None:
    synsets = {
        "1": Synset(("hippopotamus", "river horse", "Hippopotamus"), "05", "a beast", ()),
        "2": Synset(("freedom",), "07", "no thing", ()),
        "3": Synset(("emu",), "05", "a bird", ()),
    }
    assert concrete_nouns(WordNet(synsets, {}, frozenset())) == ["hippopotamus"]
