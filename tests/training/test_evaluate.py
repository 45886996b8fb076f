"""What a model is worth on test sets that lack a language, or labels that are not too rare."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from pathlib import Path

import pytest
import torch

from evaluation.testsets import Testset, folder_of_testsets, open_testsets
from training.evaluate import Check

from .conftest import captioned, labelled


def english_only(top: Path, name: str, count: int) -> Testset:
    folder = top / name
    folder.mkdir(parents=True)
    make = captioned if name == "captions" else labelled
    lines = []
    for sample in map(make, range(count)):
        (folder / f"{sample.key}.jpg").write_bytes(sample.picture)
        told = {"file": f"{sample.key}.jpg", "captions_zh": [], "label_zh": None}
        told |= {name: sample.meta[name] for name in ("captions", "label") if sample.meta.get(name)}
        lines.append(json.dumps(told))
    (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    (testset,) = open_testsets(folder)
    return testset


def test_a_set_without_chinese_is_asked_in_english_only(tmp_path: Path) -> None:
    for name in ("captions", "labels"):
        check = Check(english_only(tmp_path, name, 6), 16)
        pictures = torch.eye(6)
        assert check.figures(pictures, lambda texts: torch.eye(len(texts), 6), "en")
        assert check.figures(pictures, lambda texts: torch.eye(len(texts), 6), "zh") == {}
        assert (
            check.captions(torch.zeros(6, 1, 1), lambda tokens, _: ["a"] * len(tokens), "zh") == {}
        )


def test_labels_of_few_pictures_are_no_queries(tmp_path: Path) -> None:
    check = Check(english_only(tmp_path, "labels", 4), 16)
    assert check.figures(torch.eye(4), lambda texts: torch.eye(len(texts), 4)) == {}


def test_recall_and_naming_are_those_of_the_pictures_asked_for(tmp_path: Path) -> None:
    check = Check(english_only(tmp_path, "captions", 6), 16)
    swapped = torch.eye(6)[[1, 0, 2, 3, 4, 5]]
    figures = check.figures(torch.eye(6), lambda _: swapped)
    assert figures == {"captions_en_R1": pytest.approx(4 / 6, abs=1e-3), "captions_en_R10": 1.0}
    labels = Check(english_only(tmp_path, "labels", 6), 16)
    said = labels.captions(torch.zeros(6, 1, 1), lambda *_: ["a mug"] * 3 + ["a cup"] * 3)
    assert said == {"labels_en_named": 0.5}


def test_a_folder_without_test_sets_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match=str(tmp_path)):
        folder_of_testsets(str(tmp_path))
