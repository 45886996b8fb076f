"""Model: all that one encoder brings to a library's searches, as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np

from .calibration import Calibration
from .errors import NotFoundError
from .evidence import Retriever, SpaceRetriever
from .follower import IndexFollower
from .interfaces import Captioner, Encoder, VectorIndex
from .lexical import WordsRetriever, quoted
from .query import Query
from .records import EncoderInfo, Ids, Space, Vectors
from .store import Store
from .tags import Tagger

TEXT_CACHE = 1024  # text vectors kept: paging and refining ask for the same ones again


@dataclass(frozen=True, eq=False)
class Model:
    """Towers, what their scores mean, and indexes of their vectors that follow the library.

    A request takes one and keeps it to its end, so no answer is of two models.
    """

    encoder: Encoder
    captioner: Captioner | None
    calibration: Calibration
    retrievers: tuple[Retriever, ...]
    tagger: Tagger
    text_vector: Callable[[str], Vectors]  # words -> (dim,); those of the last questions are kept
    followers: Mapping[Space, IndexFollower]

    @classmethod
    def over(
        cls,
        store: Store,
        encoder: Encoder,
        captioner: Captioner | None,
        indexes: Mapping[Space, VectorIndex],
        calibration: Calibration,
        retrievers: Sequence[Retriever] = (),
    ) -> Self:
        """`retrievers` have further evidence than `indexes` do."""
        spaces = [SpaceRetriever(space, index, calibration) for space, index in indexes.items()]

        def encode_text(text: str) -> Vectors:
            vector: Vectors = encoder.encode_texts([text])[0]
            return vector

        return cls(
            encoder=encoder,
            captioner=captioner,
            calibration=calibration,
            retrievers=(*spaces, *retrievers),
            tagger=Tagger(encoder),
            text_vector=lru_cache(TEXT_CACHE)(encode_text),
            followers={
                space: IndexFollower(store, encoder.info, space, index)
                for space, index in indexes.items()
            },
        )

    @property
    def info(self) -> EncoderInfo:
        return self.encoder.info

    @property
    def revision(self) -> int:
        """Which every index has reached."""
        return min(follower.revision for follower in self.followers.values())

    def refresh(self, head: int) -> int:
        """Bring the indexes to the store's revision; the one that each of them has reached."""
        for follower in self.followers.values():
            follower.refresh(head)
        return self.revision

    def image_vector(self, image_id: int) -> Vectors:
        """(dim,), as it is indexed. Raises NotFoundError."""
        try:
            vector: Vectors = self.followers[Space.IMAGE].index.vectors(np.array([image_id]))[0]
        except KeyError:
            raise NotFoundError(f"there is no image {image_id}") from None
        return vector

    def holding(self, query: Query) -> Ids | None:
        """The images that have what stands in quotes; None: nothing does, or nobody can tell."""
        words = next((one for one in self.retrievers if isinstance(one, WordsRetriever)), None)
        return words.holding(query) if words and quoted(query) else None

    def images(self) -> int:
        """How many it can find."""
        return len(self.followers[Space.IMAGE].index)
