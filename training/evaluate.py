"""Figures of a tower or a finished folder on test sets."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .augment import plain
from .prepare import squash
from .teach import encode_sentences


class TowerCheck:
    """Recall and label precision of a tower, the queries through the frozen teacher.

    `top` holds folders with captions.jsonl or labels.jsonl beside their pictures.
    """

    def __init__(self, top: Path, size: int) -> None:
        self.sets = [TestSet(file, size) for file in sorted(top.glob("*/*.jsonl"))]

    def __call__(self, tower: nn.Module, text: nn.Module, centre: Tensor) -> dict[str, float]:
        figures: dict[str, float] = {}
        for tested in self.sets:
            figures |= tested.measure(tower, text, centre)
        return figures


class TestSet:
    def __init__(self, file: Path, size: int) -> None:
        self.name = file.parent.name
        with file.open() as lines:
            self.rows = [json.loads(line) for line in lines]
        pixels = np.stack([squash((file.parent / r["file"]).read_bytes(), size) for r in self.rows])
        self.pixels = plain(pixels, size)
        self.captioned = file.name == "captions.jsonl"
        self.queries, self.right = self._captions() if self.captioned else self._labels()
        self.sentences = torch.from_numpy(encode_sentences(self.queries))

    def _captions(self) -> tuple[list[str], list[set[int]]]:
        return [r["captions"][0] for r in self.rows], [{i} for i in range(len(self.rows))]

    def _labels(self) -> tuple[list[str], list[set[int]]]:
        """Labels of five pictures or more, then the tags that queries were made of."""
        count = Counter(r["label"] for r in self.rows if r["label"])
        labels = sorted(label for label, n in count.items() if n >= 5)
        tags = sorted({tag for r in self.rows for tag in r.get("query_tags", [])})
        right = [{i for i, r in enumerate(self.rows) if r["label"] == x} for x in labels]
        right += [{i for i, r in enumerate(self.rows) if x in r["query_tags"]} for x in tags]
        return [f"a photo of {label}" for label in labels] + tags, right

    @torch.no_grad()
    def measure(self, tower: nn.Module, text: nn.Module, centre: Tensor) -> dict[str, float]:
        seen = torch.cat([tower(part)[0].float() for part in self.pixels.split(100)])
        meant = functional.normalize(text(self.sentences - centre), dim=-1)
        order = (meant @ functional.normalize(seen, dim=-1).T).argsort(1, descending=True)
        if self.captioned:
            rank = (order == torch.arange(len(order))[:, None]).float().argmax(1)
            return {f"{self.name}_R{k}": _round((rank < k).float().mean()) for k in (1, 10)}
        top = order[:, :10].tolist()
        found = [
            sum(i in right for i in row) / min(10, len(right))
            for row, right in zip(top, self.right, strict=True)
        ]
        labels = sum(query.startswith("a photo of ") for query in self.queries)
        tags = dict(zip(self.queries[labels:], map(_round, found[labels:]), strict=True))
        return {self.name: _round(np.mean(found[:labels]))} | tags


def _round(value: float | Tensor | np.floating) -> float:
    return round(float(value), 3)
