"""What the indexer makes of the pictures of a test set, computed once and kept beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.testsets import Testset
from indexer.embedding import Towers
from search.images import LocalDecoder
from search.interfaces import Captioner, Encoder
from search.records import Caption, DecodedImage, NewImage, Vectors

BATCH = 64


@dataclass(frozen=True, slots=True)
class Features:
    """Of each picture, in the order of the test set's rows."""

    views: Vectors  # (n, v, dim); the first is of the whole picture
    captions: Sequence[str]
    caption_vectors: Vectors  # (n, dim)

    def taken(self, rows: Sequence[int]) -> Features:
        some = list(rows)
        return Features(
            self.views[some], [self.captions[row] for row in some], self.caption_vectors[some]
        )

    @classmethod
    def joined(cls, parts: Sequence[Features]) -> Features:
        return cls(
            np.concatenate([part.views[:, :1] for part in parts]),
            [caption for part in parts for caption in part.captions],
            np.concatenate([part.caption_vectors for part in parts]),
        )

    @property
    def vectors(self) -> Vectors:
        """(n, dim), as they are stored."""
        return self.views[:, 0]

    def images(self, folder: str) -> list[NewImage]:
        """What an ingest would store, but for thumbnails and sizes."""
        return [
            NewImage(
                _unseen(f"{folder}/{number}"),
                self.vectors[number],
                Caption(said, "en", "captioner") if said else None,
                self.caption_vectors[number] if said else None,
            )
            for number, said in enumerate(self.captions)
        ]


def features(
    testset: Testset, encoder: Encoder, captioner: Captioner | None, cache: Path | None
) -> Features:
    """Read from `cache`/NAME.npz where that has these very files, else computed and written
    there."""
    files = [row["file"] for row in testset.rows]
    kept = cache / f"{testset.name}.npz" if cache else None
    if kept and kept.exists():
        found = np.load(kept)
        if found["files"].tolist() == files:
            return Features(found["crops"], found["captions"].tolist(), found["caption_vectors"])
    made = _computed(testset, Towers(encoder, captioner))
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            kept,
            files=files,
            crops=made.views,
            captions=np.array(made.captions),
            caption_vectors=made.caption_vectors,
        )
    return made


def _computed(testset: Testset, towers: Towers) -> Features:
    views, captions, told = [], [], []
    nothing = np.zeros(towers.info.dim, np.float32)
    for start in range(0, len(testset.rows), BATCH):
        rows = testset.rows[start : start + BATCH]
        for row, new in zip(rows, towers.embed(_decoded(testset, rows, towers)), strict=True):
            if new is None:
                raise ValueError(f"{testset.folder / row['file']}: the model gave it no vector")
            views.append(new.image_vector[None])
            captions.append(new.caption.text if new.caption else "")
            told.append(nothing if new.caption_vector is None else new.caption_vector)
    return Features(np.stack(views), captions, np.stack(told))


def _decoded(
    testset: Testset, rows: Sequence[dict[str, str]], towers: Towers
) -> list[DecodedImage]:
    files = [testset.folder / row["file"] for row in rows]
    decoder = LocalDecoder()
    return [decoder.decode(file.read_bytes(), towers.wanted, uri=str(file)) for file in files]


def _unseen(name: str) -> DecodedImage:
    hash_ = hashlib.sha256(name.encode()).hexdigest()
    return DecodedImage(hash_, "jpeg", 1, 1, None, b"", ())
