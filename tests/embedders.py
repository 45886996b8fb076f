"""An embedder without towers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from search.records import DecodedImage, EncoderInfo, NewImage, Preprocessing


class BrightnessEmbedder:
    """A picture's vector is its 64 pixels; one that is all black has none."""

    info = EncoderInfo("brightness", 64, hashlib.sha256(b"brightness").hexdigest())
    wanted = (Preprocessing(8),)

    def embed(self, images: Sequence[DecodedImage]) -> list[NewImage | None]:
        return [self._embedded(image) for image in images]

    def _embedded(self, image: DecodedImage) -> NewImage | None:
        grey = image.pixels[0].astype(np.float32).mean(-1).ravel()
        length = np.linalg.norm(grey)
        return NewImage(image, grey / length) if length else None
