"""Examples come from the library's own captions, and find something in it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from search.examples import KEPT_SECONDS, SHOWN, TRIED, Examples, chinese_phrase, phrase
from search.records import Caption


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("a photo of a red delicious apple", "red delicious apple"),
        ("an icon of a yellow car", "yellow car"),
        ("A close-up photo of two dogs on a beach", "dogs"),
        ("a black and white photo of an old bridge", "old bridge"),
        ("a woman in a red dress with a hat", "woman"),
        ("a man riding a wave", "man riding a wave"),
        ("the pigeon", "pigeon"),
        ("sunset, over the sea", "sunset"),
        ("a photo of", ""),
        ("incomprehensibilities uncharacteristically", ""),
        ("one two three four five", ""),
        ("", ""),
    ],
)
def test_a_caption_is_cut_to_what_it_shows_first(caption: str, words: str) -> None:
    assert phrase(caption) == words


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("一张红色苹果的照片", "红色苹果"),
        ("一只猫", "猫"),
        ("海边的日落。", "海边的日落"),
        ("长" * 20, ""),
    ],
)
def test_a_chinese_caption_too(caption: str, words: str) -> None:
    assert chinese_phrase(caption) == words


class Library:
    """Captions, and the words that find something."""

    def __init__(self, captions: Sequence[str], found: Sequence[str], language: str = "en") -> None:
        self.captions = [Caption(text, language, "test") for text in captions]
        self._found = found
        self.asked: list[str] = []
        self.now = 1000.0

    def examples(self, *languages: str) -> Examples:
        return Examples(lambda: self.captions, self._finds, lambda: languages, lambda: self.now)

    def _finds(self, text: str) -> bool:
        self.asked.append(text)
        return text in self._found


def test_the_most_frequent_phrases_that_find_something_are_taken() -> None:
    captions = ["a panda"] * 5 + ["a ghost"] * 4 + ["a red cup"] * 3 + ["a photo of a tulip"] * 2
    library = Library([*captions, "a gas pump"], ["panda", "red cup", "tulip", "gas pump"])
    assert library.examples("en").at(1, "model") == ("panda", "red cup", "tulip")


def test_examples_share_no_word() -> None:
    library = Library(
        ["a red cup"] * 3 + ["a blue cup"] * 2 + ["a dog"], ["red cup", "blue cup", "dog"]
    )
    assert library.examples("en").at(1, "model") == ("red cup", "dog")


def test_a_model_that_reads_chinese_gets_one_example_of_it() -> None:
    library = Library(["a cat"], ["cat", "猫"])
    assert library.examples("en", "zh").at(1, "model") == ("cat", "猫")
    assert library.examples("en").at(1, "model") == ("cat",)
    own = Library(["一张纸灯笼的照片"], ["纸灯笼", "猫"], "zh")
    assert own.examples("en", "zh").at(1, "model") == ("纸灯笼",)


def test_an_empty_library_has_none_and_asks_nothing() -> None:
    library = Library([], ["猫"])
    assert library.examples("en", "zh").at(0, "model") == ()
    assert library.asked == []


def test_the_first_captions_of_a_library_give_examples_at_once() -> None:
    library = Library([], ["cat"])
    examples = library.examples("en")
    assert examples.at(1, "model") == ()
    library.captions.append(Caption("a cat", "en", "test"))
    assert examples.at(2, "model") == ("cat",)


def test_the_search_for_examples_ends_and_is_done_once_a_revision_and_not_every_second() -> None:
    library = Library([f"a thing{n}" for n in range(5000)], [])
    examples = library.examples("en")
    assert examples.at(1, "model") == examples.at(1, "model") == ()
    assert len(library.asked) == TRIED
    library.now += KEPT_SECONDS - 1
    examples.at(2, "model")
    assert len(library.asked) == TRIED
    library.now += 1
    examples.at(3, "model")
    assert len(library.asked) == 2 * TRIED
    assert SHOWN <= TRIED


def test_another_model_finds_its_own_examples_at_once() -> None:
    library = Library(["a cat", "a dog"], ["cat"])
    examples = library.examples("en")
    assert examples.at(1, "old") == ("cat",)
    library._found = ["dog"]
    assert examples.at(1, "new") == ("dog",)
