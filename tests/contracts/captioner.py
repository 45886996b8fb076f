"""What every Captioner does. A test class inherits this and gives `captioner` and its `encoder`."""

from __future__ import annotations

import numpy as np

from search.interfaces import Captioner, Encoder

from .encoder import noise


class CaptionerContract:
    def test_each_picture_gets_one_caption(self, captioner: Captioner, encoder: Encoder) -> None:
        captions = captioner.write(encoder.encode_images(noise(encoder, 4)).tokens)
        assert len(captions) == 4
        assert all(isinstance(caption, str) for caption in captions)

    def test_the_same_picture_gets_the_same_caption(
        self, captioner: Captioner, encoder: Encoder
    ) -> None:
        pixels = np.repeat(noise(encoder, 1), 3, axis=0)
        tokens = encoder.encode_images(pixels).tokens
        captions = captioner.write(tokens)
        assert captions == captioner.write(tokens)
        assert len(set(captions)) == 1

    def test_it_shares_the_tower_of_its_own_encoder(
        self, captioner: Captioner, encoder: Encoder
    ) -> None:
        assert captioner.shares_tower(encoder)
        assert captioner.preprocessing == encoder.preprocessing

    def test_looking_itself_gives_the_same_captions(
        self, captioner: Captioner, encoder: Encoder
    ) -> None:
        pixels = noise(encoder, 3)
        seen = captioner.write(captioner.look(pixels))
        assert seen == captioner.write(encoder.encode_images(pixels).tokens)

    def test_every_language_that_it_names_can_be_written(
        self, captioner: Captioner, encoder: Encoder
    ) -> None:
        tokens = encoder.encode_images(noise(encoder, 2)).tokens
        assert captioner.languages
        for language in captioner.languages:
            assert len(captioner.write(tokens, language)) == 2

    def test_no_pictures_get_no_captions(self, captioner: Captioner, encoder: Encoder) -> None:
        assert captioner.write(captioner.look(noise(encoder, 0))) == []
