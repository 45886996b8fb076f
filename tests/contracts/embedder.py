"""What every Embedder does. A test class inherits this and gives `embedder`, one that has a vector
for each picture of noise."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.interfaces import Embedder
from search.images import LocalDecoder
from search.records import DecodedImage, are_unit
from tests.pictures import encoded, noise


@pytest.fixture
def pictures(embedder: Embedder) -> list[DecodedImage]:
    """Some more than are embedded at once, of several shapes."""
    return [
        LocalDecoder().decode(
            encoded(noise(seed, 60 + seed, 50)), embedder.wanted, uri=f"{seed}.png"
        )
        for seed in range(20)
    ]


class EmbedderContract:
    def test_it_says_which_views_it_wants_and_whose_vectors_it_gives(
        self, embedder: Embedder
    ) -> None:
        assert embedder.wanted
        assert len(set(embedder.wanted)) == len(embedder.wanted)
        assert embedder.info == embedder.info
        assert embedder.info.dim > 0

    def test_each_picture_gets_a_unit_vector_in_its_turn(
        self, embedder: Embedder, pictures: list[DecodedImage]
    ) -> None:
        made = [new for new in embedder.embed(pictures) if new is not None]
        assert [new.decoded for new in made] == pictures
        vectors = np.stack([new.image_vector for new in made])
        assert vectors.shape == (len(pictures), embedder.info.dim)
        assert are_unit(vectors).all()

    def test_a_picture_has_the_same_vector_alone_and_among_others(
        self, embedder: Embedder, pictures: list[DecodedImage]
    ) -> None:
        for together, picture in zip(embedder.embed(pictures), pictures, strict=True):
            (alone,) = embedder.embed([picture])
            assert together is not None
            assert alone is not None
            np.testing.assert_allclose(together.image_vector, alone.image_vector, atol=1e-5)
            assert together.caption == alone.caption

    def test_no_pictures_are_no_work(self, embedder: Embedder) -> None:
        assert embedder.embed([]) == []
