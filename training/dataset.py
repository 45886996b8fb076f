"""What `prepare` and `teach` wrote, as the training steps read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from search.records import Pixels

from .shards import Meta


@dataclass(frozen=True, slots=True)
class Teacher:
    """Sentence vectors of known texts."""

    vectors: Tensor  # (m, dim) float32, unit length
    row_of: dict[str, int]

    def rows(self, texts: Sequence[str]) -> Tensor:
        """(n, dim); KeyError for a text that `teach` has not seen."""
        return self.vectors[[self.row_of[text] for text in texts]]


@dataclass(frozen=True, slots=True)
class Dataset:
    mapped: Pixels  # (all, size, size, 3), on disk
    numbers: NDArray[np.int64]  # (n,), which of them
    rows: list[Meta]  # their lines of pictures.jsonl

    def pixels(self, rows: NDArray[np.int64] | slice) -> Pixels:
        """(k, size, size, 3), read from disk."""
        return self.mapped[self.numbers[rows]]

    def thinned(self, by_source: dict[str, float], seed: int) -> Dataset:
        """Of a source that weighs less than 1, that share of the pictures only."""
        share = self.weights(by_source)
        kept = np.flatnonzero(np.random.default_rng(seed).random(len(share)) < share)
        return Dataset(self.mapped, self.numbers[kept], [self.rows[i] for i in kept])

    def weights(self, by_source: dict[str, float]) -> NDArray[np.float64]:
        """How often an epoch shows each picture; 1 for a source that is not named."""
        return np.array([by_source.get(row["source"], 1.0) for row in self.rows])


def at_least_once(by_source: dict[str, float]) -> dict[str, float]:
    """The weights that are left to a dataset that was thinned by them."""
    return {source: max(1.0, weight) for source, weight in by_source.items()}


def open_dataset(data: Path) -> Dataset:
    told = json.loads((data / "dataset.json").read_text())
    shape = (told["pictures"], told["size"], told["size"], 3)
    pixels = np.memmap(data / "pictures.u8", np.uint8, "r", shape=shape)
    with (data / "pictures.jsonl").open() as lines:
        rows = [json.loads(line) for line in lines]
    return Dataset(pixels, np.arange(len(rows)), rows)


def open_teacher(data: Path) -> Teacher:
    vectors = torch.from_numpy(np.load(data / "teacher.npy").astype(np.float32))
    texts = json.loads((data / "teacher_texts.json").read_text())
    return Teacher(vectors, {text: row for row, text in enumerate(texts)})
