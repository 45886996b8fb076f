"""Texts without pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from training.corpus import Pair, of_synonyms, texts_alone
from training.corpus_rows import collect


def test_a_synonym_is_told_by_the_plain_word_in_the_same_sentence() -> None:
    told = {pair.english: pair.told for pair in of_synonyms()}
    assert told["footwear"] == ("shoes",)
    assert told["a photo of a timepiece"] == ("a photo of a watch",)
    assert told["red billfold"] == ("red wallet",)
    assert told["crimson apple"] == ("red apple",)


def test_the_goal_of_a_synonym_lies_halfway_to_the_plain_word() -> None:
    axes = {"shoes": torch.tensor([1.0, 0.0]), "footwear": torch.tensor([0.0, 1.0])}
    pairs = [Pair("footwear", (), ("shoes",)), Pair("shoes", ("鞋子",))]
    library, _ = collect([], pairs, lambda texts: torch.stack([axes[text] for text in texts]))
    goals = dict(zip(library.texts, library.goals, strict=True))
    np.testing.assert_allclose(goals["footwear"], [0.5**0.5, 0.5**0.5], atol=1e-6)
    np.testing.assert_allclose(goals["shoes"], [1, 0], atol=1e-6)
    np.testing.assert_allclose(goals["鞋子"], [1, 0], atol=1e-6)


def test_trust_draws_the_goal_nearer_to_the_mean_of_what_tells_it() -> None:
    axes = {"spud": [1.0, 0, 0], "potato": [0, 1.0, 0], "yam": [0, 0, 1.0]}
    pairs = [Pair("spud", (), ("potato", "yam"), trust=2.0), Pair("potato"), Pair("yam")]
    library, _ = collect([], pairs, lambda texts: torch.tensor([axes[text] for text in texts]))
    np.testing.assert_allclose(library.goals[0], np.array([1, 2**0.5, 2**0.5]) / 5**0.5, atol=1e-6)


def test_a_label_keeps_its_own_goal_though_it_is_a_synonym_too(tmp_path: Path) -> None:
    row = {"label": "footwear", "label_zh": "鞋类", "source": "shop"}
    (tmp_path / "pictures.jsonl").write_text(json.dumps(row) + "\n")
    first = next(pair for pair in texts_alone(tmp_path) if pair.english == "footwear")
    assert first.told == ()


def test_what_is_told_is_drawn_as_often_as_its_pair_says() -> None:
    pairs = [Pair("steed", ("骏马",), times=3), Pair("anvil")]
    library, words = collect([], pairs, lambda texts: torch.eye(3)[: len(texts)])
    assert [library.texts[row] for row in words.alone_en] == [*["steed"] * 3, "anvil"]
    assert [library.texts[row] for row in words.alone_zh] == ["骏马"] * 3


def test_a_shop_without_chinese_names_still_gets_its_labels_in_colours(tmp_path: Path) -> None:
    """Sold by colour is what a picture's attributes give a colour."""
    rows = [
        {"label": "thimble", "label_zh": None, "source": "my-shop", "colour": "red"},
        {"label": "anvil", "label_zh": None, "source": "my-shop", "colour": None},
    ]
    (tmp_path / "pictures.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pairs = {pair.english: pair for pair in texts_alone(tmp_path)}
    assert pairs["blue thimble"].chinese == ()
    assert "a photo of an anvil" in pairs
    assert "blue anvil" not in pairs
    assert not any("None" in text for pair in pairs.values() for text in pair.chinese)


def test_a_labels_plural_is_told_by_the_label(tmp_path: Path) -> None:
    row = {"label": "sunflower", "label_zh": "向日葵", "source": "shop", "colour": "yellow"}
    (tmp_path / "pictures.jsonl").write_text(json.dumps(row) + "\n")
    told = {pair.english: pair.told for pair in texts_alone(tmp_path)}
    assert told["sunflowers"] == ("sunflower",)
    assert told["red sunflowers"] == ("red sunflower",)
