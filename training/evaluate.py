"""Figures of a tower, or of a finished folder, on test sets.

    python -m training.evaluate FOLDER TESTSETS

TESTSETS holds folders of pictures beside a captions.jsonl ({"file", "captions", "captions_zh"}) or
a labels.jsonl ({"file", "label", "label_zh", "query_tags"}). `benchmarks/retrieval.py` measures
more, with intervals; this is what training looks at between its steps.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from search.metrics import capped_recall_at
from search.towers.greedy import GreedyDecoder
from search.towers.tower import EOS, LANGUAGE_TOKENS, encode, load_model, words

from .augment import plain
from .caption_scores import cider, names
from .folder import TeacherMap
from .prepare import squash
from .teach import SentenceEncoder, encode_sentences

TAGS_ZH = {"red apple": "红色苹果", "green apple": "青苹果"}
FEWEST = 5  # a label with fewer pictures is no query
CAPTIONED = 300  # pictures of a set that are captioned, at most

Meaning = Callable[[Sequence[str]], Tensor]  # n texts -> (n, embed), unit length
Write = Callable[[Tensor, str], list[str]]  # image tokens (n, t, dim), language -> n captions
Figures = dict[str, float]


class TestSet:
    """Pictures, queries, and which pictures each query should find."""

    __test__ = False  # no test of pytest's

    def __init__(self, file: Path, size: int) -> None:
        self.name, self.captioned = file.parent.name, file.name == "captions.jsonl"
        with file.open() as lines:
            self.rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
        pixels = [squash((file.parent / row["file"]).read_bytes(), size) for row in self.rows]
        self.pixels = plain(np.stack(pixels), size)

    @torch.inference_mode()
    def look(self, tower: nn.Module) -> tuple[Tensor, Tensor]:
        """Latents (n, embed), unit length, and image tokens (n, t, dim)."""
        with torch.autocast("cpu", torch.bfloat16):
            latents, tokens = zip(*(tower(part) for part in _parts(self.pixels, 100)), strict=True)
        return functional.normalize(torch.cat(latents).float(), dim=-1), torch.cat(tokens).float()

    def captions(self, tokens: Tensor, write: Write, language: str = "en") -> Figures:
        """How often a caption of `look`'s tokens names the label, or its CIDEr-D beside people's.

        Of some hundred pictures only; and CIDEr weighs words by how rare they are among these, so
        it is higher than that of `benchmarks.retrieval`, which takes all.
        """
        kind = "captions" if self.captioned else "label"
        field = kind if language == "en" else f"{kind}_zh"
        told = [number for number, row in enumerate(self.rows) if row.get(field)]
        told = told[:: -(-len(told) // CAPTIONED) or 1]
        if not told:
            return {}
        said = write(tokens[told], language)
        references = [self.rows[number][field] for number in told]
        if self.captioned:
            return {f"{self.name}_{language}_CIDEr": _round(np.mean(cider(said, references)))}
        named = [names(label, caption) for label, caption in zip(references, said, strict=True)]
        return {f"{self.name}_{language}_named": _round(np.mean(named))}

    @torch.inference_mode()
    def figures(self, pictures: Tensor, meaning: Meaning, language: str = "en") -> Figures:
        if self.captioned:
            field = "captions" if language == "en" else "captions_zh"
            captions = [row[field][0] for row in self.rows]
            return recall(pictures, meaning(captions), f"{self.name}_{language}")
        return self._labels(pictures, meaning, language) | self._tags(pictures, meaning, language)

    def _labels(self, pictures: Tensor, meaning: Meaning, language: str) -> Figures:
        field, query = (
            ("label", "a photo of {}") if language == "en" else ("label_zh", "一张{}的照片")
        )
        count = Counter(row[field] for row in self.rows if row.get(field))
        labels = sorted(label for label, number in count.items() if number >= FEWEST)
        right = [{i for i, row in enumerate(self.rows) if row.get(field) == x} for x in labels]
        found = precisions(pictures, meaning([query.format(label) for label in labels]), right)
        return {f"{self.name}_{language}": _round(np.mean(found))}

    def _tags(self, pictures: Tensor, meaning: Meaning, language: str) -> Figures:
        """Queries that the set itself brings, such as "red apple"."""
        tags = sorted({tag for row in self.rows for tag in row.get("query_tags", [])} & {*TAGS_ZH})
        queries = tags if language == "en" else [TAGS_ZH[tag] for tag in tags]
        right = [{i for i, row in enumerate(self.rows) if tag in row["query_tags"]} for tag in tags]
        found = precisions(pictures, meaning(queries), right) if tags else []
        return {query: _round(share) for query, share in zip(queries, found, strict=True)}


class TowerCheck:
    """What a tower alone is worth, the queries through the frozen teacher."""

    def __init__(self, top: Path, size: int, encode: SentenceEncoder = encode_sentences) -> None:
        self.sets, self.encode = open_sets(top, size), encode
        self.known: dict[tuple[str, ...], Tensor] = {}

    def __call__(self, tower: nn.Module, text: nn.Linear, centre: Tensor) -> Figures:
        taught = TeacherMap(text.weight.detach(), centre, torch.tensor(0.0))
        figures: Figures = {}
        for tested in self.sets:
            pictures, _ = tested.look(tower.eval())
            figures |= tested.figures(pictures, lambda texts: taught(self._sentences(texts)))
        return figures

    def _sentences(self, texts: Sequence[str]) -> Tensor:
        """The teacher is slow, and asked the same at each report."""
        asked = tuple(texts)
        if asked not in self.known:
            self.known[asked] = torch.from_numpy(self.encode(texts))
        return self.known[asked]


def open_sets(top: Path, size: int) -> list[TestSet]:
    return [TestSet(file, size) for file in sorted(top.glob("*/*.jsonl"))]


def measure_folder(folder: Path, top: Path) -> Figures:
    """A finished model's figures, English and Chinese."""
    model, tokenizer, config = load_model(folder)
    length = config["text"]["context_length"]

    def meaning(texts: Sequence[str]) -> Tensor:
        ids = encode(tokenizer, texts, length)
        return torch.cat([model.encode_text(part) for part in _parts(ids, 200)])

    decoder = GreedyDecoder(model)

    def write(tokens: Tensor, language: str) -> list[str]:
        written = decoder.decode(tokens, LANGUAGE_TOKENS[language], EOS)
        return [words(tokenizer, ids) for ids in written]

    figures: Figures = {}
    for tested in open_sets(top, config["size"]):
        pictures, tokens = tested.look(model.visual)
        for language in LANGUAGE_TOKENS:
            figures |= tested.figures(pictures, meaning, language)
            figures |= tested.captions(tokens, write, language)
    return figures


def _parts(rows: Tensor, size: int) -> list[Tensor]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def recall(pictures: Tensor, queries: Tensor, name: str) -> Figures:
    """R@1 and R@10 where query i is of picture i."""
    order = (queries @ pictures.T).argsort(1, descending=True)
    rank = (order == torch.arange(len(order))[:, None]).float().argmax(1)
    return {f"{name}_R{k}": _round((rank < k).float().mean()) for k in (1, 10)}


def precisions(pictures: Tensor, queries: Tensor, right: Sequence[set[int]]) -> list[float]:
    """Right pictures among the first ten, of those that could be there, for each query."""
    order = (queries @ pictures.T).argsort(1, descending=True)[:, :10].tolist()
    return [capped_recall_at(10, row, ids) for row, ids in zip(order, right, strict=True)]


def _round(value: float | Tensor | np.floating[Any]) -> float:
    return round(float(value), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("testsets", type=Path)
    chosen = parser.parse_args()
    print(json.dumps(measure_folder(chosen.folder, chosen.testsets), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
