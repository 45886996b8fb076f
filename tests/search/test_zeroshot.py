"""Texts ordered for a picture: probabilities among them, and the relevance of each alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from search.engine import SearchEngine
from search.errors import ImageError, NotFoundError, QueryError
from search.query import Image, Picture
from search.records import RankedText, Relevance
from search.zeroshot import SCALE, Classes
from tests.fakes import WordEncoder, solid_pixels
from tests.pictures import jpeg
from tests.web.library import ENCODER, WatchedEngine, fruit_library

RED = Picture(jpeg((200, 30, 30)))
TEXTS = ["blue", "red", "a red apple", "zebra"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    with closing(WatchedEngine(fruit_library(tmp_path_factory.mktemp("rank")))) as engine:
        yield engine


def by_text(ranked: tuple[RankedText, ...]) -> dict[str, RankedText]:
    return {each.text: each for each in ranked}


def test_the_text_that_says_it_best_is_first_and_the_rest_shares_what_is_left(
    engine: SearchEngine,
) -> None:
    ranked = engine.rank(RED, TEXTS)
    assert [each.text for each in ranked[:2]] == ["red", "a red apple"]
    assert [each.rank for each in ranked] == [1, 2, 3, 4]
    cosines = np.array([each.cosine for each in ranked])
    odds = np.exp((ENCODER.logit_scale or 0) * (cosines - cosines.max()))
    assert [each.probability for each in ranked] == pytest.approx(odds / odds.sum(), abs=2e-3)
    assert sum(each.probability for each in ranked) == pytest.approx(1, abs=1e-5)


def test_a_score_is_that_of_the_text_alone(engine: SearchEngine) -> None:
    among, alone = by_text(engine.rank(RED, TEXTS)), engine.rank(RED, ["zebra"])[0]
    assert alone.probability == 1
    assert alone.score == among["zebra"].score < 0.1
    assert (alone.relevance, among["red"].relevance) == (Relevance.NONE, Relevance.STRONG)


def test_an_image_of_the_library_is_ranked_by_its_vector(engine: SearchEngine) -> None:
    assert engine.rank(Image(4), TEXTS)[0].text == "blue"
    assert engine.rank(Image(1), TEXTS)[0].text == "red"


def test_equal_texts_stay_as_they_were_given(engine: SearchEngine) -> None:
    ranked = engine.rank(RED, ["red", "red"])
    assert [each.probability for each in ranked] == [0.5, 0.5]


def test_a_text_that_was_cut_is_marked(engine: SearchEngine) -> None:
    ranked = by_text(engine.rank(RED, ["red", "red " * 60]))
    assert [each.truncated for each in ranked.values()].count(True) == 1


def test_a_model_without_a_trained_temperature_has_a_usual_one(engine: SearchEngine) -> None:
    plain = WordEncoder()
    plain.logit_scale = None
    model = engine.model
    texts = Classes.of(model, ["red", "blue"])
    assert texts.scale == ENCODER.logit_scale
    untrained = Classes.of(type(model)(**{**vars(model), "encoder": plain}), ["red", "blue"])
    assert untrained.scale == SCALE


def test_many_pictures_are_judged_at_once_as_each_alone(engine: SearchEngine) -> None:
    vectors = ENCODER.encode_images(solid_pixels("red", "blue", "green")).vectors
    classes = Classes.of(engine.model, TEXTS)
    for row, vector in enumerate(vectors):
        alone = by_text(classes.ranked(vector))
        for column, text in enumerate(TEXTS):
            assert classes.probabilities(vectors)[row, column] == pytest.approx(
                alone[text].probability, abs=1e-5
            )
            assert classes.scores(vectors)[row, column] == pytest.approx(
                alone[text].score, abs=1e-4
            )


@pytest.mark.parametrize(
    ("texts", "pointer"),
    [
        ([], "/texts"),
        (["red"] * 101, "/texts"),
        (["red", " "], "/texts/1"),
        (["x" * 1001], "/texts/0"),
        (["red", "\ud800"], "/texts/1"),
    ],
)
def test_texts_without_meaning_are_pointed_at(
    engine: SearchEngine, texts: list[str], pointer: str
) -> None:
    with pytest.raises(QueryError) as caught:
        engine.rank(RED, texts)
    assert caught.value.pointer == pointer


def test_pictures_that_are_not_there_are_named(engine: SearchEngine) -> None:
    with pytest.raises(NotFoundError, match="99"):
        engine.rank(Image(99), ["red"])
    with pytest.raises(ImageError):
        engine.rank(Picture(b"no picture"), ["red"])
