"""What every Encoder does, whatever is inside. A test class inherits this and gives `encoder`."""

from __future__ import annotations

import concurrent.futures

import numpy as np

from search.interfaces import Encoder
from search.records import Pixels, Vectors
from tests import pictures

TEXTS = ["red apple", "a blue mug on a table", "红色苹果", "", "!", "x" * 3000]


def noise(encoder: Encoder, count: int, seed: int = 0) -> Pixels:
    """`count` pictures as this encoder wants to see them."""
    size = encoder.preprocessing.size
    seen = [np.asarray(pictures.noise(seed + n, size, size)) for n in range(count)]
    return np.array(seen, np.uint8).reshape(count, size, size, 3)


def cosines(left: Vectors, right: Vectors) -> Vectors:
    cosines: Vectors = (left * right).sum(-1)
    return cosines


class EncoderContract:
    def test_pictures_become_unit_vectors(self, encoder: Encoder) -> None:
        vectors = encoder.encode_images(noise(encoder, 3)).vectors
        assert vectors.shape == (3, encoder.info.dim)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_texts_become_unit_vectors_even_odd_ones(self, encoder: Encoder) -> None:
        vectors = encoder.encode_texts(TEXTS)
        assert vectors.shape == (len(TEXTS), encoder.info.dim)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_nothing_gives_no_vectors(self, encoder: Encoder) -> None:
        assert encoder.encode_images(noise(encoder, 0)).vectors.shape == (0, encoder.info.dim)
        assert encoder.encode_texts([]).shape == (0, encoder.info.dim)

    def test_a_pictures_vector_does_not_depend_on_its_company(self, encoder: Encoder) -> None:
        pixels = noise(encoder, 5)
        together = encoder.encode_images(pixels).vectors
        alone = np.concatenate([encoder.encode_images(p[None]).vectors for p in pixels])
        assert cosines(together, alone).min() > 0.9995
        backwards = encoder.encode_images(pixels[::-1]).vectors
        assert cosines(together, backwards[::-1]).min() > 0.9995

    def test_a_texts_vector_does_not_depend_on_its_company(self, encoder: Encoder) -> None:
        together = encoder.encode_texts(TEXTS)
        alone = np.concatenate([encoder.encode_texts([text]) for text in TEXTS])
        assert cosines(together, alone).min() > 0.9999

    def test_different_inputs_have_different_vectors(self, encoder: Encoder) -> None:
        first, second = encoder.encode_texts(["red apple", "a blue mug on a table"])
        assert first @ second < 0.999
        pixels = np.concatenate([np.zeros_like(noise(encoder, 1)), noise(encoder, 1)])
        black, other = encoder.encode_images(pixels).vectors
        assert black @ other < 0.999

    def test_pixels_are_left_alone_and_may_be_read_only(self, encoder: Encoder) -> None:
        pixels = noise(encoder, 2)
        before = pixels.copy()
        pixels.flags.writeable = False
        encoder.encode_images(pixels)
        np.testing.assert_array_equal(pixels, before)

    def test_it_says_whether_a_text_fits(self, encoder: Encoder) -> None:
        assert encoder.fits("red apple")
        assert encoder.fits("")
        assert not encoder.fits("apple " * 500)

    def test_the_words_that_it_was_taught_are_small_and_each_is_there_once(
        self, encoder: Encoder
    ) -> None:
        words = encoder.vocabulary()
        assert all(word == word.lower() and not word.isspace() for word in words)
        assert len(set(words)) == len(words)

    def test_what_is_beyond_the_context_changes_nothing(self, encoder: Encoder) -> None:
        long = encoder.encode_texts(["apple " * 500, "apple " * 500 + "bridge"])
        assert long[0] @ long[1] > 0.99999

    def test_texts_may_come_from_several_threads(self, encoder: Encoder) -> None:
        expected = encoder.encode_texts(TEXTS)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: encoder.encode_texts(TEXTS), range(12)))
        assert all(cosines(expected, answer).min() > 0.9999 for answer in answers)

    def test_it_says_what_it_is_and_where_it_runs(self, encoder: Encoder) -> None:
        assert encoder.info.name
        assert len(encoder.info.fingerprint) >= 16
        assert encoder.device.name
        assert encoder.device.reason
        assert encoder.logit_scale is None or encoder.logit_scale > 0
