"""Tags: the words of a fixed vocabulary that lie nearest to a picture."""

from __future__ import annotations

import threading
from importlib import resources

import numpy as np

from .interfaces import Encoder
from .records import Tag, Vectors

MOST = 6  # tags of one picture
SHARPNESS = 30.0  # inverse temperature of the softmax over the vocabulary
LEAST = 0.02  # probability below which a word is no tag


def vocabulary() -> list[str]:
    """One word or short phrase a line of `vocabulary.txt`; # starts a comment."""
    lines = resources.files(__package__).joinpath("vocabulary.txt").read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


class Tagger:
    """Zero-shot tags; the vocabulary is encoded at the first call."""

    def __init__(self, encoder: Encoder, words: list[str] | None = None) -> None:
        self._encoder = encoder
        self._words = vocabulary() if words is None else words
        self._vectors: Vectors | None = None
        self._lock = threading.Lock()

    def tags(self, vector: Vectors) -> tuple[Tag, ...]:
        """`vector` (dim,) of a picture -> its best words with softmax probabilities."""
        scores = SHARPNESS * (self._encoded() @ vector)
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        best = np.argsort(-chances, kind="stable")[:MOST]
        return tuple(
            Tag(self._words[place], round(float(chances[place]), 4))
            for place in best.tolist()
            if chances[place] >= LEAST
        )

    def _encoded(self) -> Vectors:
        with self._lock:
            if self._vectors is None:
                self._vectors = self._encoder.encode_texts(
                    [f"a photo of {word}" for word in self._words]
                )
            return self._vectors
