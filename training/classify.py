"""A classifier on one's own labels: one linear map on a finished model's picture vectors.

    python -m training.classify FOLDER OUT SHARDS... [--epochs 30] [--fewest 10]

Every fifth picture of a label is kept apart; after each epoch the log says how many of these are
named rightly (top 1 and top 5). OUT/classifier.safetensors holds weight and bias, OUT/labels.json
their order, OUT/classify.jsonl the log.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from search.towers.embedded import load_model

from .augment import plain
from .command import run
from .model_folder import save_weights
from .prepare import of_sample, squash
from .shards import Sample, read_keys, read_samples

BATCH = 128
KEPT_APART = 5  # one in so many


@dataclass(frozen=True, slots=True)
class Examples:
    vectors: Tensor  # (n, dim), unit length
    answers: Tensor  # (n,), places in `labels`
    labels: list[str]

    def split(self) -> tuple[Tensor, Tensor]:
        """Rows to learn from, and every fifth of each label, to be judged by."""
        order: Counter[int] = Counter()
        apart = []
        for answer in self.answers.tolist():
            order[answer] += 1
            apart.append(order[answer] % KEPT_APART == 0)
        judged = torch.tensor(apart)
        return (~judged).nonzero()[:, 0], judged.nonzero()[:, 0]


def look(folder: Path, samples: Iterable[Sample], fewest: int) -> Examples:
    """Vectors of all pictures whose label has `fewest` pictures or more; ValueError if none has."""
    model, _, config = load_model(folder)
    labelled = [sample for sample in samples if sample.meta.get("label")]
    count = Counter(sample.meta["label"] for sample in labelled)
    labels = sorted(label for label, number in count.items() if number >= fewest)
    wanted = [sample for sample in labelled if count[sample.meta["label"]] >= fewest]
    if not wanted:
        raise ValueError(f"no label has {fewest} pictures")
    parts = [wanted[i : i + BATCH] for i in range(0, len(wanted), BATCH)]
    with torch.inference_mode():
        vectors = [model.encode_image(_pixels(part, config["size"])) for part in parts]
    answers = torch.tensor([labels.index(sample.meta["label"]) for sample in wanted])
    return Examples(torch.cat(vectors).clone(), answers, labels)


def train(
    examples: Examples, out: Path, *, epochs: int, rate: float = 0.01, seed: int = 0
) -> nn.Linear:
    """Writes the log and the classifier after each epoch."""
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    learned, judged = examples.split()
    if not len(judged):
        raise ValueError(f"no label has {KEPT_APART} pictures, so that one can be kept apart")
    classifier = nn.Linear(examples.vectors.shape[1], len(examples.labels))
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=rate, weight_decay=1e-4)
    (out / "labels.json").write_text(json.dumps(examples.labels, ensure_ascii=False))
    with (out / "classify.jsonl").open("a") as log:
        for epoch in range(1, epochs + 1):
            loss = _epoch(classifier, optimizer, examples, learned)
            line = {"epoch": epoch, "loss": round(loss, 4), **judge(classifier, examples, judged)}
            print(line, flush=True)
            log.write(json.dumps(line) + "\n")
            save_weights(classifier.state_dict(), out / "classifier.safetensors")
    return classifier


@torch.inference_mode()
def judge(classifier: nn.Linear, examples: Examples, rows: Tensor) -> dict[str, Any]:
    """How often the right label is the first, and among the first five."""
    best = classifier(SHARPNESS * examples.vectors[rows]).argsort(1, descending=True)
    right = best == examples.answers[rows][:, None]
    return {f"top{k}": round(float(right[:, :k].any(1).float().mean()), 4) for k in (1, 5)}


def classify(out: Path, vectors: Tensor, best: int = 5) -> list[list[tuple[str, float]]]:
    """The likeliest labels of each picture vector, with their probabilities."""
    labels: list[str] = json.loads((out / "labels.json").read_text())
    weights = load_file(out / "classifier.safetensors")
    logits = functional.linear(SHARPNESS * vectors, weights["weight"], weights["bias"])
    shares, places = logits.softmax(-1).topk(min(best, len(labels)))
    return [
        [(labels[place], share) for place, share in zip(row, told, strict=True)]
        for row, told in zip(places.tolist(), shares.tolist(), strict=True)
    ]


SHARPNESS = 10.0  # unit vectors are short steps for a linear map


def _epoch(
    classifier: nn.Linear, optimizer: torch.optim.Optimizer, examples: Examples, rows: Tensor
) -> float:
    losses = []
    for part in rows[torch.randperm(len(rows))].tensor_split(max(1, len(rows) // BATCH)):
        guesses = classifier(SHARPNESS * examples.vectors[part])
        loss = functional.cross_entropy(guesses, examples.answers[part], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    return float(np.mean(losses))


def _pixels(samples: list[Sample], size: int) -> Tensor:
    pixels = [of_sample(lambda picture: squash(picture, size), sample) for sample in samples]
    return plain(np.stack(pixels), size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a finished model")
    parser.add_argument("out", type=Path)
    parser.add_argument("shards", type=Path, nargs="+")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--fewest", type=int, default=10, help="pictures that a label needs")
    parser.add_argument("--without", type=Path, help="a file of keys to leave out, one a line")
    chosen = parser.parse_args()
    samples = read_samples(chosen.shards, read_keys(chosen.without))
    try:
        examples = look(chosen.folder, samples, chosen.fewest)
        print(len(examples.vectors), "pictures,", len(examples.labels), "labels")
        train(examples, chosen.out, epochs=chosen.epochs)
    except ValueError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    run(main)
