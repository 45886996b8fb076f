"""What WordNet and a Chinese dictionary say of words that no picture was shown with."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.corpus import of_nouns
from training.dictionary import (
    Entry,
    WordNet,
    chinese_names,
    look_up,
    read_dictionary,
    read_wordnet,
    write_dictionary,
)

# number, lexicographer file, words, wider, gloss
SYNSETS = [
    ("00000001", "22", ["entity"], None, "that which is"),
    ("00000002", "05", ["pachyderm"], "00000001", "thick-skinned mammals; not a taxon"),
    ("00000003", "05", ["elephant"], "00000002", "five-toed pachyderm"),
    ("00000004", "05", ["African_elephant", "Loxodonta_africana"], "00000003", "an elephant"),
    ("00000005", "05", ["dog", "domestic_dog"], "00000001", "a member of the genus Canis"),
    ("00000006", "05", ["hound"], "00000005", "any of several breeds of dog"),
    ("00000007", "06", ["anvil"], "00000001", "a block of iron"),
    ("00000008", "05", ["Rex"], "00000006", "one dog"),
    ("00000011", "06", ["cake"], "00000001", "a block of solid substance"),
    ("00000012", "13", ["cake"], "00000001", "baked goods"),
    ("00000013", "13", ["carrot_cake"], "00000012", "a cake with carrots"),
    ("00000014", "13", ["pastry"], "00000001", "sweet dough"),
    ("00000016", "18", ["dog"], "00000001", "a dull fellow"),
    ("00000015", "13", ["dog"], "00000014", "a sausage in a bun"),
    ("00000009", "09", ["thought", "idea"], "00000001", "the content of cognition"),
    ("00000010", "06", ["idea"], "00000001", "a toy of that name"),
]
COMMON = {"anvil", "idea"}


@pytest.fixture
def wordnet(tmp_path: Path) -> WordNet:
    folder = tmp_path / "wordnet"
    folder.mkdir()
    licence = "  1 This software and database is being provided to you\n"
    data, senses = licence, dict[str, list[str]]()
    for number, file, words, wider, gloss in SYNSETS:
        named = " ".join(f"{word} 0" for word in words)
        pointers = f"001 @ {wider} n 0000" if wider else "000"
        data += f"{number} {file} n {len(words):02x} {named} {pointers} | {gloss}  \n"
        for word in words:
            senses.setdefault(word.lower(), []).append(number)
    index = licence + "".join(
        f"{word} n {len(numbers)} 1 @ {len(numbers)} {int(word in COMMON)} {' '.join(numbers)}  \n"
        for word, numbers in sorted(senses.items())
    )
    (folder / "data.noun").write_text(data)
    (folder / "index.noun").write_text(index)
    return read_wordnet(folder)


def test_a_word_is_told_by_the_labels_that_it_names(wordnet: WordNet) -> None:
    entries = look_up(["elephant", "african elephant", "dog"], wordnet)
    assert entries["pachyderm"].told == ("african elephant", "elephant")
    assert entries["loxodonta africana"] == Entry(
        "loxodonta africana", ("african elephant",), same=True
    )
    assert entries["domestic dog"].same


def test_a_kind_of_a_label_is_told_by_it_and_by_its_gloss(wordnet: WordNet) -> None:
    hound = look_up(["dog"], wordnet)["hound"]
    assert hound == Entry("hound", ("dog", "any of several breeds of dog"))


def test_a_common_word_that_no_label_knows_is_told_by_its_gloss(wordnet: WordNet) -> None:
    assert look_up(["dog"], wordnet)["anvil"].told == ("a block of iron",)


def test_of_two_senses_the_one_that_can_be_seen_is_told(wordnet: WordNet) -> None:
    assert look_up([], wordnet)["idea"].told == ("a toy of that name",)


def test_a_sausage_is_no_breed(wordnet: WordNet) -> None:
    entries = look_up(["pug dog", "sponge cakes", "dog in cake"], wordnet)
    assert entries["domestic dog"].told == ("pug dog",)
    assert entries["cake"].told == ("sponge cakes",)
    assert "pastry" not in entries


def test_a_name_of_too_many_labels_is_told_by_its_gloss(
    wordnet: WordNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.dictionary.MANY", 1)
    entries = look_up(["elephant", "african elephant", "anvil"], wordnet)
    assert "pachyderm" not in entries or not entries["pachyderm"].same


def test_names_of_single_things_are_left_out(wordnet: WordNet) -> None:
    assert "rex" not in look_up(["dog"], wordnet)


def test_a_label_that_wordnet_does_not_have_is_a_kind_of_its_last_word(wordnet: WordNet) -> None:
    assert look_up(["grey elephants"], wordnet)["pachyderm"].told == ("grey elephants",)


def test_the_first_meaning_of_a_chinese_word_counts_first() -> None:
    names = chinese_names(
        [("象", ["shape", "elephant"]), ("大象", ["elephant", "CL:隻|只[zhi1]"]), ("狗", ["a dog"])]
    )
    assert names["elephant"] == ("大象",)  # a single character only by its first meaning
    assert names["dog"] == ("狗",)


def test_what_is_written_is_read_and_said(wordnet: WordNet, tmp_path: Path) -> None:
    assert write_dictionary(tmp_path, ["African_elephant"], wordnet, {"pachyderm": ("厚皮兽",)}) > 3
    entry = next(entry for entry in read_dictionary(tmp_path) if entry.word == "pachyderm")
    assert entry == Entry("pachyderm", ("african elephant",), ("厚皮兽",), same=True)
    pairs = {pair.english: pair for pair in of_nouns(tmp_path)}
    photo = pairs["a photo of a pachyderm"]
    assert photo.chinese == ("一张厚皮兽的照片",)
    assert photo.told == ("a photo of an african elephant",)
    assert pairs["pachyderm"].trust > pairs["anvil"].trust


def test_without_a_dictionary_there_are_no_nouns(tmp_path: Path) -> None:
    assert list(of_nouns(tmp_path)) == []
