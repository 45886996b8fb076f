"""What a replacement part must be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .records import (
    Changes,
    Crop,
    DecodedImage,
    Device,
    EncoderInfo,
    Ids,
    ImageFeatures,
    Pixels,
    Preprocessing,
    Vectors,
)


class Encoder(Protocol):
    """Maps pictures and texts into one space: an image tower and a text tower."""

    @property
    def info(self) -> EncoderInfo: ...

    @property
    def preprocessing(self) -> Preprocessing: ...

    @property
    def device(self) -> Device: ...

    def encode_images(self, pixels: Pixels) -> ImageFeatures:
        """`pixels` (n, size, size, 3) as `images.prepare` makes them -> n unit vectors.

        Raises NoVectorError, or gives a row that is no unit vector, where a picture has none.
        """

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, dim). Texts beyond the context are cut; `fits` says beforehand."""

    def fits(self, text: str) -> bool:
        """Whether the text tower reads all of `text`."""


class Captioner(Protocol):
    """Writes a sentence about a picture, from the tokens of an image tower."""

    @property
    def name(self) -> str: ...

    @property
    def languages(self) -> tuple[str, ...]: ...

    @property
    def preprocessing(self) -> Preprocessing: ...

    def shares_tower(self, encoder: Encoder) -> bool:
        """Whether `encoder.encode_images(...).tokens` can be given to `write`."""

    def look(self, pixels: Pixels) -> Any:
        """Image tokens of (n, size, size, 3), for an encoder whose tower is not shared."""

    def write(self, tokens: Any, language: str = "en") -> list[str]:
        """One caption a picture; greedy, so the same tokens give the same words."""


class VectorIndex(Protocol):
    """Nearest neighbours by inner product. Holds nothing that the store does not."""

    def __len__(self) -> int: ...

    def apply(self, changes: Changes) -> None:
        """Removals, then additions, as one step for anyone who searches meanwhile."""

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Vectors, Ids]:
        """`vector` (dim,) -> at most k scores and ids, never padded: best first, then by id."""

    def scores(self, vector: Vectors, ids: Ids) -> Vectors:
        """Exact inner products of `vector` (dim,) with these ids, NaN where the index has none."""

    def vectors(self, ids: Ids) -> Vectors:
        """The stored vectors of `ids` (n, dim); KeyError if one is missing."""

    def moments(self) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
        """How many vectors there are, their mean (dim,) and their covariance (dim, dim), that of
        the whole population (divided by n); zeros where there are none. Ranking measures every
        score against them."""


class Decoder(Protocol):
    """Bytes of a file -> picture, within limits, without harm to this process."""

    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        """`crop` cuts the upright picture first. Raises ImageError."""
