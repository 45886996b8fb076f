"""Texts become words in which case, accents and width make no difference."""

from __future__ import annotations

import pytest

from search.fulltext import LONGEST, Field, field_of_fact, units, words_of, words_of_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A red Apple, 12 cm!", ["a", "red", "apple", "12", "cm"]),
        ("Men's T-Shirt", ["men", "t", "shirt"]),
        ("Café ÉCLAIR Straße", ["cafe", "eclair", "strasse"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("红色苹果 iPhone手机", ["红", "色", "苹", "果", "iphone", "手", "机"]),
        ("IMG_20240702", ["img", "20240702"]),
        ("\0 \ud800 !?", []),
        ("x" * 1000, ["x" * LONGEST]),
    ],
)
def test_words_are_as_they_are_compared(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_characters_are_looked_for_in_pairs_and_alone_where_they_are() -> None:
    assert units(words_of("红色苹果 apple 狗")) == [
        *(("红", "色"), ("色", "苹"), ("苹", "果")),
        ("apple",),
        ("狗",),
    ]


def test_a_path_has_a_file_name_without_its_extension_and_folders() -> None:
    path, root = b"2024/RedApples/IMG_1.tar.jpg", b"/home/me/Pictures/"
    assert list(words_of_path(path, root)) == [
        (Field.FILE, "IMG_1.tar"),
        (Field.FOLDER, "Pictures"),
        (Field.FOLDER, "2024"),
        (Field.FOLDER, "Red Apples"),
    ]


def test_facts_of_the_camera_are_no_words_of_the_picture() -> None:
    assert field_of_fact("camera") is None
    assert field_of_fact("brand") is Field.FACT
    assert field_of_fact("title") is Field.TITLE
