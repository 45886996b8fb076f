"""From terms to weighted vectors."""

from __future__ import annotations

import numpy as np
import pytest

from search.components import Component, QueryEncoder
from search.query import LESS_LIKE_WEIGHT, MORE_LIKE_WEIGHT, Image, Term, Words
from search.records import Tag, Vectors
from search.requests import terms

AXES = np.eye(4, dtype=np.float32)
TEXTS = {"red": AXES[0], "cup": AXES[1]}
CUP = 1  # an image: a green one


def axis(number: int) -> Vectors:
    return AXES[number]


ENCODER = QueryEncoder(
    text=TEXTS.__getitem__, picture=lambda _: AXES[3], image=axis, tags=lambda _: ()
)


class Heard:
    """What is encoded: each text has a vector of its own, and that of "green" is near to cups."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def text(self, text: str) -> Vectors:
        if text not in self.texts:
            self.texts.append(text)
        vector = np.zeros(64, np.float32)
        vector[self.texts.index(text) + 4] = 1.0
        vector[CUP] = text == "green"
        return vector

    def encoder(self) -> QueryEncoder:
        return QueryEncoder(
            text=self.text,
            picture=lambda _: self.image(3),
            image=self.image,
            tags=lambda _: (Tag("green cup", 0.6), Tag("cup", 0.2), Tag("something red", 0.1)),
        )

    def image(self, number: int) -> Vectors:
        vector: Vectors = np.eye(64, dtype=np.float32)[number]
        return vector

    def counted(self, *asked: Term) -> dict[str, float]:
        """The components by their texts, and their weights."""
        found = self.encoder().components(asked)
        told = {int(part.vector[4:].argmax()): part for part in found if part.is_text}
        named = {self.texts[place]: round(part.weight, 4) for place, part in told.items()}
        pictures = [round(part.weight, 4) for part in found if not part.is_text]
        return named | {"picture": pictures[0]}


def weights(found: list[Component]) -> list[float]:
    return [round(part.weight, 4) for part in found]


def test_each_term_is_a_component_on_its_side() -> None:
    found = ENCODER.components(terms("cup", image_id=3, image_weight=0.5, negative="red"))
    assert weights(found) == [0.25, 1.0, -1.0]
    assert [part.is_text for part in found] == [False, True, True]


def test_words_that_only_name_a_colour_keep_the_thing_and_change_its_colour() -> None:
    for text in ("but red", "the same one, in RED", "但是要红色的", "red"):
        found = Heard().counted(Image(CUP), Words(text))
        assert found == {"picture": 0.5, "red cup": 1.0, "red": 0.5, "green": -0.3}, text


def test_words_that_name_the_thing_too_are_kept() -> None:
    found = Heard().counted(Image(CUP), Words("red cup", weight=2.0))
    assert found == {"picture": 0.5, "red cup": 2.0, "red": 1.0, "green": -0.6}


def test_a_colour_that_the_picture_has_is_not_held_against_it() -> None:
    found = Heard().counted(Image(CUP), Words("dark green"))
    assert found == {"picture": 0.5, "dark green cup": 1.0, "dark green": 0.5}


def test_words_in_quotes_are_kept_as_they_are() -> None:
    found = Heard().counted(Image(CUP), Words("red", exact=True))
    assert found == {"picture": 0.5, "red": 1.0}


@pytest.mark.parametrize("text", ["on a beach", "但是在海边", "the covered one", "花的"])
def test_words_without_a_colour_are_words(text: str) -> None:
    found = Heard().counted(Image(CUP), Words(text))
    assert found == {"picture": 0.5, text: 1.0}


@pytest.mark.parametrize("count", [1, 3, 500])
def test_marks_of_a_side_are_one_component_that_never_outvotes_the_question(count: int) -> None:
    marks = [0, 1] * count
    found = ENCODER.components(terms("red", more_like=marks, less_like=[2] * count))
    assert len(found) == 3
    _, more, less = found
    assert more.vector == pytest.approx((AXES[0] + AXES[1]) / np.sqrt(2))
    assert less.vector == pytest.approx(AXES[2])
    assert 0.5 * MORE_LIKE_WEIGHT <= more.weight < MORE_LIKE_WEIGHT
    assert -LESS_LIKE_WEIGHT < less.weight < 0


def test_a_single_mark_counts_less_than_several() -> None:
    one, three = (ENCODER.components(terms(more_like=[1] * n))[0].weight for n in (1, 3))
    assert (one, three) == (pytest.approx(0.2), pytest.approx(0.36))


@pytest.mark.parametrize("away", [False, True])
def test_what_is_said_in_several_ways_lies_between_them(away: bool) -> None:
    [component] = ENCODER.components([Words("red", also=("cup",), away=away)])
    assert component.vector == pytest.approx((AXES[0] + AXES[1]) / 2**0.5)
    assert component.vector.dtype == np.float32
