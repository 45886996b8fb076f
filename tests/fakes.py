"""Parts that need no model: they keep the contracts, answer at once, and know a few colours.

A picture's vector depends on its pixels, a text's on its words; both share the meaning of colour,
so that "red" and 红色 land near red pictures and far from blue ones.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.interfaces import Encoder
from search.records import (
    Device,
    EncoderInfo,
    ImageFeatures,
    Pixels,
    Preprocessing,
    Vectors,
)

COLOURS = {
    "red": (220, 30, 30),
    "green": (30, 160, 40),
    "blue": (30, 60, 220),
    "yellow": (240, 220, 40),
    "black": (10, 10, 10),
    "white": (250, 250, 250),
}
CHINESE = {"red": "红", "green": "绿", "blue": "蓝", "yellow": "黄", "black": "黑", "white": "白"}

CONTEXT = 32  # words that a text may have


class FakeEncoder:
    """Unit vectors: the first components are colours, the others a hash."""

    meaning = 0.9  # how much of a vector is colour; the rest tells one picture from the next

    def __init__(self, dim: int = 24, size: int = 8, name: str = "fake", salt: str = "") -> None:
        fingerprint = hashlib.sha256(f"{name} {dim} {size} {salt}".encode()).hexdigest()
        self.info = EncoderInfo(name, dim, fingerprint)
        self.preprocessing = Preprocessing(size=size)
        self.device = Device("cpu", "a fake needs no more")
        self.logit_scale: float | None = 20.0
        self.pictures_seen = 0
        self._salt = salt

    def encode_images(self, pixels: Pixels) -> ImageFeatures:
        size = self.preprocessing.size
        assert pixels.dtype == np.uint8, pixels.dtype
        assert pixels.shape[1:] == (size, size, 3), pixels.shape
        self.pictures_seen += len(pixels)
        means = pixels.reshape(len(pixels), size * size, 3).mean(1)
        rows = [
            self._vector(_likeness(mean), picture.tobytes())
            for mean, picture in zip(means, pixels, strict=True)
        ]
        return ImageFeatures(self._stacked(rows), means)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        cut = [" ".join(text.split()[:CONTEXT]) for text in texts]
        return self._stacked([self._vector(_mentioned(text), text.encode()) for text in cut])

    def fits(self, text: str) -> bool:
        return len(text.split()) <= CONTEXT

    def vocabulary(self) -> Sequence[str]:
        return ()

    def _vector(self, meaning: NDArray[np.float64], content: bytes) -> NDArray[np.float64]:
        seed = hashlib.sha256(self._salt.encode() + content).digest()
        own = np.random.default_rng(list(seed)).standard_normal(self.info.dim - len(COLOURS))
        own /= np.linalg.norm(own)
        weight = self.meaning if meaning.any() else 0.0
        return np.concatenate([weight * meaning, np.sqrt(1 - weight**2) * own])

    def _stacked(self, rows: list[NDArray[np.float64]]) -> Vectors:
        return np.array(rows, np.float32).reshape(-1, self.info.dim)


class WordEncoder(FakeEncoder):
    """Texts that share words lie near each other, and a colour is a word that pictures share too.

    The cosine of two texts is about the number of words that they share over the root of the
    product of how many each has.
    """

    meaning = 0.7

    def __init__(self, dim: int = 512, size: int = 8, name: str = "fake") -> None:
        super().__init__(dim, size, name)
        self._known: dict[str, NDArray[np.float64]] = {}

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return self._stacked([self._summed(text) for text in texts])

    def _summed(self, text: str) -> NDArray[np.float64]:
        words = set(re.findall(r"\w+", " ".join(text.lower().split()[:CONTEXT]))) or {""}
        summed: NDArray[np.float64] = np.sum([self._word(word) for word in sorted(words)], axis=0)
        return summed / np.linalg.norm(summed)

    def _word(self, word: str) -> NDArray[np.float64]:
        if word not in self._known:
            own = self._vector(np.zeros(len(COLOURS)), word.encode())
            own[: len(COLOURS)] = [word == c or CHINESE[c] in word for c in COLOURS]
            own[len(COLOURS) :] *= word not in COLOURS
            self._known[word] = own
        return self._known[word]


class FakeCaptioner:
    """Names the colour: "a red picture", 一张红色的照片."""

    name = "fake"
    languages = ("en", "zh")

    def __init__(self, encoder: FakeEncoder | None = None) -> None:
        self._encoder = encoder or FakeEncoder()
        self.preprocessing = self._encoder.preprocessing

    def shares_tower(self, encoder: Encoder) -> bool:
        return encoder is self._encoder

    def look(self, pixels: Pixels) -> Any:
        return self._encoder.encode_images(pixels).tokens

    def write(self, tokens: Any, language: str = "en") -> list[str]:
        colours = [list(COLOURS)[int(_likeness(mean).argmax())] for mean in tokens]
        if language == "zh":
            return [f"一张{CHINESE[colour]}色的照片" for colour in colours]
        return [f"a {colour} picture" for colour in colours]


def solid_pixels(*colours: str, size: int = 8) -> Pixels:
    """(n, size, size, 3): one picture in each colour."""
    pixels = np.empty((len(colours), size, size, 3), np.uint8)
    for picture, colour in zip(pixels, colours, strict=True):
        picture[:] = COLOURS[colour]
    return pixels


def _likeness(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Which colour a picture has: a unit vector, mostly in the component of the nearest one."""
    distances = np.linalg.norm(np.array(list(COLOURS.values())) - mean, axis=1)
    weights: NDArray[np.float64] = np.exp(-distances / 20)
    weights[distances.argmin()] += 1e-9  # far from all of them: still the nearest
    return weights / np.linalg.norm(weights)


def _mentioned(text: str) -> NDArray[np.float64]:
    """The colours that a text names: a unit vector, or zero."""
    words = text.lower()
    named = [float(colour in words or CHINESE[colour] in words) for colour in COLOURS]
    return np.array(named) / max(np.linalg.norm(named), 1.0)
