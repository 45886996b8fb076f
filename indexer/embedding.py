"""Decoded pictures -> what the store keeps of them: a vector each, a caption and its vector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from search.errors import EncoderError, NoVectorError
from search.interfaces import Captioner, Encoder
from search.records import (
    Caption,
    DecodedImage,
    EncoderInfo,
    NewImage,
    Preprocessing,
    Vectors,
    are_unit,
)

from .crops import averaged, closer, parts

MANY = 16  # pictures without a vector, all of one commit: no accident

T = TypeVar("T")
Captioned = tuple[Caption, Vectors]  # words and the vector of these words


@dataclass(frozen=True, slots=True)
class Towers:
    """The models of a run. `captioner` None: no captions."""

    encoder: Encoder
    captioner: Captioner | None
    language: str = "en"
    batch_size: int = 64
    crops: int = 0  # closer looks at each picture

    @property
    def info(self) -> EncoderInfo:
        return self.encoder.info

    @property
    def wanted(self) -> tuple[Preprocessing, ...]:
        """What a decoder is to prepare; the encoder's view is the first."""
        views = [self.encoder.preprocessing]
        if self.crops:
            views.append(closer(self.encoder.preprocessing))
        if self.captioner and not self.captioner.shares_tower(self.encoder):
            views.append(self.captioner.preprocessing)
        return tuple(dict.fromkeys(views))

    def embed(self, images: Sequence[DecodedImage]) -> list[NewImage | None]:
        """One NewImage for each picture, in order; None where the model gave no vector.

        A caption whose vector is none is left out. Raises EncoderError, also where not one of
        many pictures has a vector: then the model is broken, and not so many pictures.
        """
        seen = self._in_batches(images, self._embed)
        if len(seen) >= MANY and not any(seen):
            raise EncoderError(
                f"{self.encoder.info.name} gave no vector for any of {len(seen)} pictures: its "
                "weights are damaged, or the setting precision does not suit them; try float32"
            )
        return seen

    def captions(self, images: Sequence[DecodedImage]) -> list[Captioned | None]:
        """The captioner's words for each picture and their vector; None where it has no words."""
        return self._in_batches(images, self._caption)

    def read(self, texts: Iterable[str]) -> dict[str, Vectors]:
        """The vector of each text that has one."""
        different = [text for text in dict.fromkeys(texts) if text]
        return dict(self._vectors_of(different)) if different else {}

    def _in_batches(
        self,
        images: Sequence[DecodedImage],
        work: Callable[[Sequence[DecodedImage]], list[T | None]],
    ) -> list[T | None]:
        starts = range(0, len(images), self.batch_size)
        parts = [_halving(images[start : start + self.batch_size], work) for start in starts]
        return [result for part in parts for result in part]

    def _embed(self, images: Sequence[DecodedImage]) -> list[NewImage | None]:
        features = self.encoder.encode_images(_stack(images, 0))
        vectors = self._closer(images, features.vectors)
        good = self._checked(vectors, len(images))
        written = self._captions(images, features.tokens)
        return [
            NewImage(image, vector, *(words or ())) if unit else None
            for image, vector, unit, words in zip(images, vectors, good, written, strict=True)
        ]

    def _closer(self, images: Sequence[DecodedImage], whole: Vectors) -> Vectors:
        """Their vectors, with those of closer looks at them."""
        if not self.crops:
            return whole
        view = self.encoder.preprocessing
        pixels = _stack(images, self.wanted.index(closer(view)))
        looks = parts(pixels, view.size, self.crops)
        return averaged(whole, [self.encoder.encode_images(look).vectors for look in looks])

    def _caption(self, images: Sequence[DecodedImage]) -> list[Captioned | None]:
        tokens = None
        if self.captioner and self.captioner.shares_tower(self.encoder):
            tokens = self.encoder.encode_images(_stack(images, 0)).tokens
        return self._captions(images, tokens)

    def _captions(self, images: Sequence[DecodedImage], tokens: Any) -> list[Captioned | None]:
        if self.captioner is None:
            return [None] * len(images)
        if not self.captioner.shares_tower(self.encoder):
            view = self.wanted.index(self.captioner.preprocessing)
            tokens = self.captioner.look(_stack(images, view))
        texts = [text.strip() for text in self.captioner.write(tokens, self.language)]
        vectors = self.read(texts)
        source = self.captioner.name
        return [
            (Caption(text, self.language, source), vectors[text]) if text in vectors else None
            for text in texts
        ]

    def _vectors_of(self, texts: Sequence[str]) -> Iterator[tuple[str, Vectors]]:
        try:
            vectors = self.encoder.encode_texts(texts)
        except NoVectorError:
            half = len(texts) // 2
            for part in (texts[:half], texts[half:]) if half else ():
                yield from self._vectors_of(part)
            return
        for text, vector, unit in zip(
            texts, vectors, self._checked(vectors, len(texts)), strict=True
        ):
            if unit:
                yield text, vector

    def _checked(self, vectors: Vectors, count: int) -> Sequence[bool]:
        """Which rows are unit vectors. Another shape is the encoder's fault, not a picture's."""
        info = self.encoder.info
        if vectors.shape != (count, info.dim):
            raise EncoderError(
                f"{info.name}: gave vectors of shape {vectors.shape} for {count} inputs, "
                f"not ({count}, {info.dim})"
            )
        good: list[bool] = are_unit(vectors).tolist()
        return good


def _halving(
    images: Sequence[DecodedImage], work: Callable[[Sequence[DecodedImage]], list[T | None]]
) -> list[T | None]:
    """`work` on ever smaller parts, where some picture has no vector."""
    try:
        return work(images)
    except NoVectorError:
        if len(images) == 1:
            return [None]
    half = len(images) // 2
    return _halving(images[:half], work) + _halving(images[half:], work)


def _stack(images: Sequence[DecodedImage], view: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.concatenate([image.pixels[view] for image in images])
