"""A classifier on labels of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch.nn import functional

from training.classify import Examples, classify, train


def clouds(number: int = 40) -> Examples:
    """Three labels, each around a direction of its own."""
    torch.manual_seed(0)
    answers = torch.arange(number * 3) % 3
    vectors = functional.one_hot(answers, 8).float() + 0.2 * torch.randn(number * 3, 8)
    return Examples(functional.normalize(vectors, dim=-1), answers, ["apple", "mug", "shoe"])


def test_labels_that_lie_apart_are_told_apart(tmp_path: Path) -> None:
    train(clouds(), tmp_path, epochs=40)
    last = json.loads((tmp_path / "classify.jsonl").read_text().splitlines()[-1])
    assert last["top1"] > 0.9
    assert last["epoch"] == 40


def test_a_saved_classifier_names_a_picture(tmp_path: Path) -> None:
    train(clouds(), tmp_path, epochs=40)
    ((first, *_),) = classify(tmp_path, functional.one_hot(torch.tensor([1]), 8).float())
    assert first[0] == "mug"


def test_every_fifth_picture_of_a_label_is_kept_apart() -> None:
    learned, judged = clouds().split()
    assert not set(learned.tolist()) & set(judged.tolist())
    assert len(judged) == 24
