"""Zero-shot: which of some texts a picture shows, by the towers alone.

A probability is the softmax over the texts that were given, by the model's own temperature: it says
which of them it is if it is one of them. A score is the calibrated relevance of a text to the
picture by itself: it says whether it is any of them. A search looks at the whole library besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .calibration import Curve, Floats, probability
from .components import Component
from .evidence import SpaceEvidence
from .interfaces import Encoder
from .model import Model
from .records import RankedText, Space, Vectors
from .threshold import PLAIN

PROMPT, PROMPT_ZH = "a photo of {}", "一张{}的照片"  # around a label
SCALE = 30.0  # of a model that has no trained one; the embedded model's is 30.5


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Texts to choose from, as the model that encoded them sees them."""

    texts: tuple[str, ...]
    vectors: Vectors  # (m, dim), of unit length
    spaces: tuple[SpaceEvidence, ...]  # how near pictures are to each
    curve: Curve
    scale: float  # inverse temperature of the softmax
    truncated: tuple[bool, ...]

    @classmethod
    def of(cls, model: Model, texts: Sequence[str], vectors: Vectors | None = None) -> Classes:
        """`vectors` (m, dim) stand for the texts where these are not to be encoded as they are."""
        if vectors is None:
            vectors = model.encoder.encode_texts(texts)
        index = model.followers[Space.IMAGE].index
        return cls(
            texts=tuple(texts),
            vectors=vectors,
            spaces=tuple(
                SpaceEvidence.of(Space.IMAGE, index, [Component(v, 1.0, True)], model.calibration)
                for v in vectors
            ),
            curve=model.calibration.curve,
            scale=model.encoder.logit_scale or SCALE,
            truncated=tuple(not model.encoder.fits(text) for text in texts),
        )

    def probabilities(self, vectors: Vectors) -> Floats:
        """(n, m) of pictures (n, dim): each row adds up to 1."""
        logits = self.scale * (vectors @ self.vectors.T).astype(np.float64)
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: Floats = chances / chances.sum(axis=1, keepdims=True)
        return shares

    def scores(self, vectors: Vectors) -> Floats:
        """(n, m) calibrated relevances of pictures (n, dim), each text by itself."""
        judged = [self.curve.log_odds({s.name: s.features_of(vectors)}) for s in self.spaces]
        return probability(np.column_stack(judged))

    def ranked(self, vector: Vectors) -> tuple[RankedText, ...]:
        """The texts of a picture (dim,), the likeliest first; equal ones as they were given."""
        (chances,), (scores,) = self.probabilities(vector[None]), self.scores(vector[None])
        order = np.argsort(-chances, kind="stable").tolist()
        return tuple(
            self._ranked(rank, place, vector, chances, scores)
            for rank, place in enumerate(order, start=1)
        )

    def chosen(self, vectors: Vectors) -> list[RankedText | None]:
        """Of each picture (n, dim) the likeliest of the texts that are relevant to it; None where
        it shows none of them."""
        chances, scores = self.probabilities(vectors), self.scores(vectors)
        there = scores >= PLAIN.weak
        best = np.where(there, chances, -1).argmax(axis=1).tolist()
        ranks = 1 + (chances > np.take_along_axis(chances, np.array(best)[:, None], 1)).sum(axis=1)
        return [
            self._ranked(int(ranks[row]), place, vectors[row], chances[row], scores[row])
            if there[row, place]
            else None
            for row, place in enumerate(best)
        ]

    def _ranked(
        self, rank: int, place: int, vector: Vectors, chances: Floats, scores: Floats
    ) -> RankedText:
        return RankedText(
            rank=rank,
            text=self.texts[place],
            probability=round(float(chances[place]), 6),
            score=round(float(scores[place]), 4),
            relevance=PLAIN.relevance(float(scores[place])),
            cosine=round(float(self.vectors[place] @ vector), 4),
            truncated=self.truncated[place],
        )


def label_vectors(encoder: Encoder, labels: Sequence[str]) -> Vectors:
    """(m, dim): each label as the mean of the word and of "a photo of" it, of unit length."""
    prompts = [PROMPT_ZH if _is_chinese(label) else PROMPT for label in labels]
    worded = [prompt.format(label) for prompt, label in zip(prompts, labels, strict=True)]
    vectors = encoder.encode_texts([*labels, *worded])
    summed = vectors[: len(labels)] + vectors[len(labels) :]
    means: Vectors = summed / np.linalg.norm(summed, axis=1, keepdims=True)
    return means


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= character <= "\u9fff" for character in text)
