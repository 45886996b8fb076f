"""What is said of a picture must be true of it."""

from __future__ import annotations

import pytest

from training.sentences import plural, sentences_of, with_article
from training.shards import Meta

GRANNY: Meta = {
    "source": "grocery-store",
    "label": "Granny Smith apple",
    "label_zh": "澳洲青苹果",
    "attributes": ["green"],
    "group": "apple",
    "captions": [],
}


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("red apple", "a red apple"),
        ("apple", "an apple"),
        ("black casual shoes", "black casual shoes"),
        ("dress", "a dress"),
        ("oat milk", "oat milk"),
        ("sunglasses", "sunglasses"),
    ],
)
def test_articles_are_those_of_english(phrase: str, said: str) -> None:
    assert with_article(phrase) == said


def test_a_variety_is_also_said_by_its_plain_kind() -> None:
    told = sentences_of(GRANNY)
    assert "green apple" in told.made_en
    assert "a photo of a green apple" in told.made_en
    assert {"青苹果", "绿色苹果", "澳洲青苹果"} <= set(told.made_zh)


def test_the_first_sentence_names_the_label_for_the_decoder() -> None:
    told = sentences_of(GRANNY)
    assert told.made_en[0] == "a photo of a green granny smith apple"
    assert "澳洲青苹果" in told.made_zh[0]


def test_a_colour_that_the_label_says_is_not_said_twice() -> None:
    meta = {**GRANNY, "label": "red bell pepper", "label_zh": "红甜椒", "attributes": ["red"]}
    told = sentences_of({**meta, "group": "pepper"})
    assert told.made_en[0] == "a photo of a red bell pepper"
    assert not any("red red" in sentence for sentence in told.made_en)


def test_a_picture_without_label_has_its_captions_only() -> None:
    told = sentences_of({"label": None, "captions": [" A dog. "], "captions_zh": ["一只狗。"]})
    assert (told.human_en, told.human_zh) == (("A dog.",), ("一只狗。",))
    assert (told.made_en, told.made_zh) == ((), ())


def test_a_shops_title_is_something_that_can_be_read() -> None:
    told = sentences_of({"label": None, "title": "Blue Ceramic Mug"})
    assert told.made_en == ("Blue Ceramic Mug",)


def test_no_word_of_the_unseen_test_is_said_of_a_picture() -> None:
    """`SYNONYMS` measure how words land that no picture was shown with."""
    shoes = {"label": "casual shoes", "label_zh": "休闲鞋", "attributes": ["red", "women"]}
    told = " ".join(sentences_of(shoes).made_en)
    assert "footwear" not in told
    assert "crimson" not in told


@pytest.mark.parametrize(
    ("label", "label_zh", "colour", "english", "chinese"),
    [
        ("embroidered kurta", "库尔塔", "red", "red embroidered kurta", "红色库尔塔"),
        ("lipstick", "口红", "red", "red lipstick", "红色口红"),
        ("cucumber", "黄瓜", "green", "green cucumber", "绿色黄瓜"),
        ("red-delicious", "红蛇果", "red", "red-delicious", "红蛇果"),
    ],
)
def test_a_colour_is_left_out_only_where_the_name_says_it(
    label: str, label_zh: str, colour: str, english: str, chinese: str
) -> None:
    told = sentences_of({"label": label, "label_zh": label_zh, "attributes": [colour]})
    assert told.made_en[1] == english
    assert told.made_zh[1] == chinese


@pytest.mark.parametrize(
    ("one", "several"),
    [
        ("sunflower", "sunflowers"),
        ("red cherry", "red cherries"),
        ("toy box", "toy boxes"),
        ("fallen leaf", "fallen leaves"),
        ("mouse", "mice"),
        ("tray", "trays"),
        ("jeans", None),
        ("oat milk", None),
    ],
)
def test_several_of_a_thing_are_named_as_english_does(one: str, several: str | None) -> None:
    assert plural(one) == several
