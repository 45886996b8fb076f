"""The fakes keep the contracts of the parts that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from tests.contracts.captioner import CaptionerContract
from tests.contracts.encoder import EncoderContract
from tests.fakes import (
    COLOURS,
    FakeCaptioner,
    FakeEncoder,
    WordEncoder,
    solid_pixels,
)


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


class TestFakeEncoder(EncoderContract):
    @pytest.mark.parametrize("text", ["a red apple", "红色苹果"])
    def test_a_colours_name_lands_near_pictures_of_it(
        self, encoder: FakeEncoder, text: str
    ) -> None:
        pictures = encoder.encode_images(solid_pixels(*COLOURS)).vectors
        nearest = (pictures @ encoder.encode_texts([text])[0]).argmax()
        assert list(COLOURS)[nearest] == "red"

    def test_another_salt_is_another_model(self, encoder: FakeEncoder) -> None:
        assert FakeEncoder(salt="b").info.fingerprint != encoder.info.fingerprint


class TestWordEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> WordEncoder:
        return WordEncoder()

    def test_texts_are_as_near_as_they_share_words(self, encoder: WordEncoder) -> None:
        asked, *others = encoder.encode_texts(["red apple", "a red apple", "a green apple", "car"])
        assert np.array(others) @ asked == pytest.approx([2 / 6**0.5, 1 / 6**0.5, 0], abs=0.1)

    @pytest.mark.parametrize("text", ["red", "红色苹果"])
    def test_a_colour_is_a_word_that_pictures_share(self, encoder: WordEncoder, text: str) -> None:
        pictures = encoder.encode_images(solid_pixels(*COLOURS)).vectors
        scores = pictures @ encoder.encode_texts([text])[0]
        assert list(COLOURS)[scores.argmax()] == "red"
        assert np.sort(scores)[-2] < 0.2 < scores.max()


class TestFakeCaptioner(CaptionerContract):
    @pytest.fixture
    def captioner(self, encoder: FakeEncoder) -> FakeCaptioner:
        return FakeCaptioner(encoder)

    def test_it_names_the_colour(self, captioner: FakeCaptioner) -> None:
        tokens = captioner.look(solid_pixels("blue", "yellow"))
        assert captioner.write(tokens) == ["a blue picture", "a yellow picture"]
        assert captioner.write(tokens, "zh") == ["一张蓝色的照片", "一张黄色的照片"]
