"""Figures of a tower, or of a finished folder, on test sets.

    python -m training.evaluate FOLDER TESTSETS

TESTSETS holds folders as `evaluation.testsets` reads them. `benchmarks/retrieval.py` measures more,
with intervals; this is what training looks at between its steps.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluation.caption_scores import cider, names
from evaluation.metrics import capped_recall_at, hit_at
from evaluation.testsets import Question, Testset, folder_of_testsets, open_testsets
from search.towers.embedded import load_model
from search.towers.greedy import GreedyDecoder
from search.towers.scripts import allowed
from search.towers.tokens import EOS, LANGUAGE_TOKENS, encode, words

from .augment import plain
from .command import run
from .model_folder import TeacherMap
from .prepare import squash
from .sentence_teacher import SentenceEncoder, encode_sentences

CAPTIONED = 300  # pictures of a set that are captioned, at most

Meaning = Callable[[Sequence[str]], Tensor]  # n texts -> (n, embed), unit length
Write = Callable[[Tensor, str], list[str]]  # image tokens (n, t, dim), language -> n captions
Figures = dict[str, float]


class Check:
    """A test set, its pictures as a tower of that size wants them."""

    def __init__(self, testset: Testset, size: int) -> None:
        self.testset = testset
        files = [testset.folder / row["file"] for row in testset.rows]
        self.pixels = plain(np.stack([squash(file.read_bytes(), size) for file in files]), size)

    @torch.inference_mode()
    def look(self, tower: nn.Module) -> tuple[Tensor, Tensor]:
        """Latents (n, embed), unit length, and image tokens (n, t, dim)."""
        with torch.autocast("cpu", torch.bfloat16):
            latents, tokens = zip(*(tower(part) for part in _parts(self.pixels, 100)), strict=True)
        return functional.normalize(torch.cat(latents).float(), dim=-1), torch.cat(tokens).float()

    @torch.inference_mode()
    def figures(self, pictures: Tensor, meaning: Meaning, language: str = "en") -> Figures:
        """Recall of captions, or how much of each label is found; none where nothing is asked."""
        asked, name = self.testset.questions(language), f"{self.testset.name}_{language}"
        if not asked:
            return {}
        found = _ask(pictures, meaning, asked)
        if self.testset.captioned:
            return {f"{name}_R{k}": _mean(hit_at(k, *pair) for pair in found) for k in (1, 10)}
        tags = self.testset.tags(language)
        of_tags = _ask(pictures, meaning, tags) if tags else []
        return {name: _mean(capped_recall_at(10, *pair) for pair in found)} | {
            tag.text: _mean([capped_recall_at(10, *pair)])
            for tag, pair in zip(tags, of_tags, strict=True)
        }

    def captions(self, tokens: Tensor, write: Write, language: str = "en") -> Figures:
        """How often a caption of `look`'s tokens names the label, or its CIDEr-D beside people's.

        Of some hundred pictures only; and CIDEr weighs words by how rare they are among these, so
        it is higher than that of `benchmarks.retrieval`, which takes all.
        """
        told = self.testset.told(language)
        rows = [number for number, text in enumerate(told) if text]
        rows = rows[:: -(-len(rows) // CAPTIONED) or 1]
        if not rows:
            return {}
        said, name = write(tokens[rows], language), f"{self.testset.name}_{language}"
        references = [told[number] for number in rows]
        if self.testset.captioned:
            return {f"{name}_CIDEr": _mean(cider(said, references))}
        pairs = zip(references, said, strict=True)
        return {f"{name}_named": _mean(names(label, caption) for label, caption in pairs)}


def _ask(
    pictures: Tensor, meaning: Meaning, asked: Sequence[Question]
) -> list[tuple[list[int], frozenset[int]]]:
    """For each question all pictures, best first, and which are right."""
    queries = meaning([question.text for question in asked])
    order = (queries @ pictures.T).argsort(1, descending=True).tolist()
    return [(row, question.right) for row, question in zip(order, asked, strict=True)]


class TowerCheck:
    """What a tower alone is worth, the queries through the frozen teacher."""

    def __init__(self, top: Path, size: int, encode: SentenceEncoder = encode_sentences) -> None:
        self.checks, self.encode = open_checks(top, size), encode
        self.known: dict[tuple[str, ...], Tensor] = {}

    def __call__(self, tower: nn.Module, text: nn.Linear, centre: Tensor) -> Figures:
        taught = TeacherMap(text.weight.detach(), centre, torch.tensor(0.0))
        figures: Figures = {}
        for check in self.checks:
            pictures, _ = check.look(tower.eval())
            figures |= check.figures(pictures, lambda texts: taught(self._sentences(texts)))
        return figures

    def _sentences(self, texts: Sequence[str]) -> Tensor:
        """The teacher is slow, and asked the same at each report."""
        asked = tuple(texts)
        if asked not in self.known:
            self.known[asked] = torch.from_numpy(self.encode(texts))
        return self.known[asked]


def open_checks(top: Path, size: int) -> list[Check]:
    """Of each test set below `top`, or of the one that it is."""
    return [Check(testset, size) for testset in open_testsets(top)]


def measure_folder(folder: Path, top: Path) -> Figures:
    """A finished model's figures, English and Chinese."""
    model, tokenizer, config = load_model(folder)
    length = config["text"]["context_length"]

    def meaning(texts: Sequence[str]) -> Tensor:
        ids = encode(tokenizer, texts, length)
        return torch.cat([model.encode_text(part) for part in _parts(ids, 200)])

    decoder = GreedyDecoder(model)
    for language, first in LANGUAGE_TOKENS.items():
        if ids := allowed(tokenizer.get_vocab(), language):
            decoder.restrict(first, ids)

    def write(tokens: Tensor, language: str) -> list[str]:
        written = decoder.decode(tokens, LANGUAGE_TOKENS[language], EOS)
        return [words(tokenizer, ids) for ids in written]

    figures: Figures = {}
    for check in open_checks(top, config["size"]):
        pictures, tokens = check.look(model.visual)
        for language in LANGUAGE_TOKENS:
            figures |= check.figures(pictures, meaning, language)
            figures |= check.captions(tokens, write, language)
    return figures


def _parts(rows: Tensor, size: int) -> list[Tensor]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _mean(values: Iterable[float]) -> float:
    return round(float(np.mean(list(values))), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("testsets", type=folder_of_testsets)
    chosen = parser.parse_args()
    print(json.dumps(measure_folder(chosen.folder, chosen.testsets), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    run(main)
