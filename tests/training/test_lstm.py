"""The LSTM decoder learns to say what the picture's tokens tell."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from search.towers.tower import EN, EOS
from training.lstm import LstmDecoder, write
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
