"""Colours that words name."""

from __future__ import annotations

import pytest

from search.colour_words import Colouring, colouring, without_colours


@pytest.mark.parametrize(
    ("text", "colour", "alone"),
    [
        ("red", "red", True),
        ("But in dark red", "dark red", True),
        ("the same one but gray", "grey", True),
        ("red and white", "red white", True),
        ("红色", "red", True),
        ("这个的浅蓝色款", "light blue", True),
        ("红苹果", "red", False),
        ("red apple", "red", False),
        ("粉红色的鞋子", "pink", False),
    ],
)
def test_colours_are_read_in_both_languages(text: str, colour: str, alone: bool) -> None:
    assert colouring(text) == Colouring(colour, alone)


@pytest.mark.parametrize("text", ["apple", "a reddish hat", "bright", "苹果", "", "1234"])
def test_words_without_a_colour_have_none(text: str) -> None:
    assert colouring(text) is None


def test_the_name_of_a_thing_is_what_is_left_without_its_colour() -> None:
    assert without_colours("green bell pepper") == "bell pepper"
    assert without_colours("something red") == ""
