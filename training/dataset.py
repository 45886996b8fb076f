"""What `prepare` and `teach` wrote, as the training steps read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
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
    pixels: Pixels  # (n, size, size, 3), mapped from disk
    rows: list[Meta]  # the lines of pictures.jsonl

    def weights(self, by_source: dict[str, float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """How often an epoch shows each picture; 1 for a source that is not named."""
        return np.array([by_source.get(row["source"], 1.0) for row in self.rows])


def open_dataset(data: Path) -> Dataset:
    told = json.loads((data / "dataset.json").read_text())
    shape = (told["pictures"], told["size"], told["size"], 3)
    pixels = np.memmap(data / "pictures.u8", np.uint8, "r", shape=shape)
    with (data / "pictures.jsonl").open() as lines:
        return Dataset(pixels, [json.loads(line) for line in lines])


def open_teacher(data: Path) -> Teacher:
    vectors = torch.from_numpy(np.load(data / "teacher.npy").astype(np.float32))
    texts = json.loads((data / "teacher_texts.json").read_text())
    return Teacher(vectors, {text: row for row, text in enumerate(texts)})
