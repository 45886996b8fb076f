"""Decoded pictures -> what the store keeps of them: a vector each, a caption and its vector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from search.errors import EncoderError
from search.interfaces import Captioner, Encoder
from search.records import Caption, DecodedImage, NewImage, Preprocessing, Vectors


@dataclass(frozen=True, slots=True)
class Towers:
    """The models of a run. `captioner` None: no captions."""

    encoder: Encoder
    captioner: Captioner | None
    language: str = "en"
    batch_size: int = 64

    @property
    def wanted(self) -> tuple[Preprocessing, ...]:
        """What a decoder is to prepare: the encoder's view first, the captioner's last."""
        views = [self.encoder.preprocessing]
        if self.captioner and not self.captioner.shares_tower(self.encoder):
            views.append(self.captioner.preprocessing)
        return tuple(dict.fromkeys(views))

    def embed(self, images: Sequence[DecodedImage]) -> Iterator[NewImage]:
        """One NewImage for each picture, in order. Raises EncoderError."""
        for start in range(0, len(images), self.batch_size):
            yield from self._embed_batch(images[start : start + self.batch_size])

    def captions(self, images: Sequence[DecodedImage]) -> list[tuple[Caption, Vectors] | None]:
        """The captioner's words for each picture and their vector; None where it has no words."""
        written = []
        for start in range(0, len(images), self.batch_size):
            some = images[start : start + self.batch_size]
            tokens = None
            if self.captioner and self.captioner.shares_tower(self.encoder):
                tokens = self.encoder.encode_images(_stack(some, 0)).tokens
            written += self._captions(some, tokens)
        return written

    def _embed_batch(self, images: Sequence[DecodedImage]) -> Iterator[NewImage]:
        try:
            features = self.encoder.encode_images(_stack(images, 0))
            written = self._captions(images, features.tokens)
        except RuntimeError as error:  # torch's OutOfMemoryError is one
            if "out of memory" not in str(error).lower():
                raise
            if len(images) == 1:
                raise EncoderError(f"not enough memory for a single picture: {error}") from error
            half = len(images) // 2
            yield from self._embed_batch(images[:half])
            yield from self._embed_batch(images[half:])
            return
        for image, vector, words in zip(images, features.vectors, written, strict=True):
            yield NewImage(image, vector, *(words or ()))

    def _captions(
        self, images: Sequence[DecodedImage], tokens: Any
    ) -> list[tuple[Caption, Vectors] | None]:
        if self.captioner is None:
            return [None] * len(images)
        if not self.captioner.shares_tower(self.encoder):
            tokens = self.captioner.look(_stack(images, -1))
        texts = [text.strip() for text in self.captioner.write(tokens, self.language)]
        different = [text for text in dict.fromkeys(texts) if text]
        vectors = dict(zip(different, self._read(different), strict=True))
        source = self.captioner.name
        return [
            (Caption(text, self.language, source), vectors[text]) if text else None
            for text in texts
        ]

    def _read(self, texts: Sequence[str]) -> Sequence[Vectors]:
        return list(self.encoder.encode_texts(texts)) if texts else []


def _stack(images: Sequence[DecodedImage], view: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.concatenate([image.pixels[view] for image in images])
