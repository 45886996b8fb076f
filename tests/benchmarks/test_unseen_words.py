from __future__ import annotations

import json
from pathlib import Path

from benchmarks.unseen_words import MEANS, right_of, seen_words, told, unseen


def test_a_word_means_the_labels_that_end_as_it_says() -> None:
    labels = ["casual shoes", "shoe accessories", "sandals", "car", "racecar", None]
    rows = [{"label": label, "query_tags": []} for label in labels]
    assert right_of("footwear", rows) == {0, 2}
    assert right_of("automobile", rows) == {3}


def test_a_tag_counts_as_a_label_does() -> None:
    rows = [{"label": "Pink Lady apple", "query_tags": ["red apple"]}, {"label": "lime"}]
    assert right_of("crimson apple", rows) == {0}


def test_a_word_that_a_sentence_said_is_no_unseen_one(tmp_path: Path) -> None:
    row = {"human_en": ["A pet with Headgear."], "made_en": ["red fruit"]}
    (tmp_path / "pictures.jsonl").write_text(json.dumps(row) + "\n")
    words = unseen(seen_words(tmp_path))
    assert "headgear" not in words
    assert "crimson fruit" in words
    assert set(words) == MEANS.keys() - {"headgear"}


def test_the_lexicons_synonyms_are_told_from_words_that_it_does_not_know() -> None:
    assert [told(word) for word in ("footwear", "crimson apple", "equine")] == [True, True, False]
