from __future__ import annotations

import json
from pathlib import Path

from benchmarks.unseen_words import Seen, Told, read_lists, report, right_of
from training.dictionary import FILE


def test_a_word_means_the_labels_that_end_as_it_says() -> None:
    labels = ["casual shoes", "shoe accessories", "sandals", "car", "racecar", None]
    rows = [{"label": label, "query_tags": []} for label in labels]
    assert right_of(["shoes", "sandals"], rows) == {0, 2}
    assert right_of(["car"], rows) == {3}


def test_a_tag_counts_as_a_label_does() -> None:
    rows = [{"label": "Pink Lady apple", "query_tags": ["red apple"]}, {"label": "lime"}]
    assert right_of(["red apple"], rows) == {0}


def test_a_word_that_a_sentence_said_is_no_unseen_one(tmp_path: Path) -> None:
    row = {"human_en": ["A pet with Headgear."], "made_en": ["red fruit"]}
    row |= {"human_zh": ["一只宠物"], "made_zh": []}
    (tmp_path / "pictures.jsonl").write_text(json.dumps(row) + "\n")
    seen = Seen.read(tmp_path)
    assert seen.says("headgear")
    assert seen.says("red-hot iron")
    assert seen.says("宠物")
    assert not seen.says("crimson fruit")
    assert not seen.says("皮鞋")


def test_who_told_a_word(tmp_path: Path) -> None:
    entry = {"word": "equine", "told": ["horse"], "chinese": ["马科动物"], "same": True}
    (tmp_path / FILE).write_text(json.dumps(entry) + "\n")
    told = Told.read(tmp_path)
    words = ("footwear", "crimson apple", "equine", "马科动物", "gee-gee")
    assert [told.by(word) for word in words] == [
        *("lexicon", "lexicon", "dictionary", "dictionary", "nobody")
    ]


def test_the_report_parts_the_words_by_who_told_them() -> None:
    told = Told(frozenset({"a"}), frozenset({"b"}))
    lines = list(report("ours", {"a": 1.0, "b": 0.5, "c": 0.0}, told))
    assert [line.split("[")[0].split()[-2:] for line in lines] == [
        ["n=3", "0.500"],
        ["n=1", "0.500"],
        ["n=1", "1.000"],
        ["n=1", "0.000"],
    ]


def test_each_list_has_words_that_mean_something() -> None:
    lists = read_lists()
    assert {"ours", "blind", "blind_zh"} == lists.keys()
    for means in lists.values():
        assert means
        assert all(means.values())
