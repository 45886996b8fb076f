"""BLEU and CIDEr against values worked out by hand."""

from __future__ import annotations

import math

import pytest

from evaluation.caption_scores import bleu4, cider, cut, names


def test_english_is_cut_into_words_and_chinese_into_characters() -> None:
    assert cut("A dog's T-shirt, 红色!") == ["a", "dog's", "t", "shirt", "红", "色"]


def test_the_same_words_are_a_perfect_bleu() -> None:
    assert bleu4(["a dog runs on grass"], [["a dog runs on grass"]]) == pytest.approx(1.0)


def test_bleu_by_hand() -> None:
    """4 of 6 words ("the" once), 3 of 5 pairs, 2 of 4 triples, 1 of 3 fours; equal lengths."""
    got = bleu4(["the cat sat on the mat"], [["a cat sat on the rug", "the dog sat on a sofa"]])
    assert got == pytest.approx(((4 / 6) * (3 / 5) * (2 / 4) * (1 / 3)) ** 0.25)


def test_a_short_caption_is_punished_by_its_length() -> None:
    got = bleu4(["a dog runs on"], [["a dog runs on green grass"]])
    assert got == pytest.approx(math.exp(1 - 6 / 4))


def test_the_same_words_are_a_perfect_cider() -> None:
    captions = ["a dog runs on grass", "two red apples lie there"]
    assert cider(captions, [[c] for c in captions]) == pytest.approx([10.0, 10.0])


def test_words_that_everybody_writes_count_nothing_for_cider() -> None:
    references = [["a photo of dogs"], ["a photo of apples"]]
    assert cider(["a photo of", "a photo of"], references) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize(
    ("label", "caption", "said"),
    [
        ("apple", "a photo of a red apple", True),
        ("apple", "a pineapple", False),
        ("Red Delicious apple", "a red delicious apple on a shelf", True),
        ("t-shirt", "a man in a t-shirt", True),
        ("苹果", "一张红色苹果的照片", True),
        ("", "anything", False),
    ],
)
def test_a_label_is_named_word_by_word(label: str, caption: str, said: bool) -> None:
    assert names(label, caption) is said
