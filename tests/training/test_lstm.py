"""The LSTM decoder learns to say what the picture's tokens tell."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from search.towers.tokens import EN, EOS
from search.towers.vision import build_tower
from training.dataset import open_dataset
from training.evaluate import open_checks
from training.features import look
from training.lstm import LstmDecoder, Recipe, open_report, open_speaker, train, write
from training.prepare import prepare
from training.shards import read_samples
from training.vocabulary import train_tokenizer

pytestmark = pytest.mark.torch


def test_it_learns_two_captions_by_heart() -> None:
    torch.manual_seed(0)
    captions = ["red apple", "blue mug"]
    tokenizer = train_tokenizer(captions * 2, 60)
    ids = torch.tensor([[EN, *tokenizer.encode(c).ids, EOS] for c in captions])
    tokens = torch.randn(2, 4, 16)
    decoder = LstmDecoder(tokenizer.get_vocab_size(), 16, width=32)
    optimizer = torch.optim.Adam(decoder.parameters(), 0.02)
    for _ in range(80):
        loss = functional.cross_entropy(
            decoder(tokens, ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert write(decoder.eval(), tokenizer, tokens, "en") == captions


def test_each_epoch_ends_with_a_line_that_tells_what_its_captions_are_worth(
    shards: Path, testsets: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    prepare(tmp_path, read_samples([shards]), 32)
    dataset = open_dataset(tmp_path)
    tower = build_tower({"kind": "hybrid", "args": {"dim": 64, "depth": 1, "heads": 2, "grid": 2}})
    tokenizer = train_tokenizer([t for row in dataset.rows for t in row["made_en"]] * 2, 200)
    decoder = LstmDecoder(tokenizer.get_vocab_size(), 64, width=32)
    report = open_report(
        decoder, tokenizer, tower.eval(), open_checks(testsets, 32), tmp_path / "lstm.jsonl"
    )
    seen = look(tower, dataset, 32, 1, tmp_path / "seen")
    speaker = open_speaker(dataset, tokenizer, 24, 0)
    train(decoder, seen, speaker, dataset.weights({}), Recipe(0.05, batch=8), report)
    lines = [json.loads(line) for line in (tmp_path / "lstm.jsonl").read_text().splitlines()]
    assert [int(line["epochs"]) for line in lines[:2]] == [1, 2]
    assert all(
        {"labels_en_named", "labels_zh_named", "captions_en_CIDEr"} <= line.keys() for line in lines
    )
    assert lines[-1]["loss"] < lines[0]["loss"]
    assert np.isfinite(lines[-1]["captions_en_CIDEr"])
