"""Without the padding, the same answers as with it."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from search.towers.embedded import build_model
from search.towers.tokens import BOS, EOS, PAD
from training.trim_padding import read, write

pytestmark = pytest.mark.torch

CONFIG = {
    "embed": 64,
    "size": 32,
    "tower": {"kind": "hybrid", "args": {"dim": 64, "depth": 1, "heads": 2, "embed": 64}},
    "text": {"context_length": 10, "vocab_size": 50, "width": 64, "heads": 2, "layers": 2},
    "decoder": {"layers": 2, "attn_pooler_heads": 2},
}


def texts(*lengths: int) -> torch.Tensor:
    ids = torch.full((len(lengths), 10), PAD)
    for row, length in zip(ids, lengths, strict=True):
        row[0], row[length - 1] = BOS, EOS
        row[1 : length - 1] = torch.randint(6, 50, (length - 2,))
    return ids


def test_reading_gives_the_text_towers_own_vectors() -> None:
    torch.manual_seed(0)
    model, ids = build_model(CONFIG).eval(), texts(3, 10, 4, 9, 5, 2, 10)
    with torch.inference_mode():
        assert torch.allclose(read(model.text, ids), model.text(ids)[0], atol=1e-5)


def test_writing_gives_the_decoders_own_loss() -> None:
    torch.manual_seed(0)
    model, ids = build_model(CONFIG).eval(), texts(3, 10, 4, 9, 5, 2, 10)
    tokens = torch.randn(len(ids), 4, 64)
    with torch.inference_mode():
        _, embedded = model.text(ids)
        padded = model.text_decoder(tokens, embedded[:, :-1]).flatten(0, 1)
        guesses, answers = write(model.text, model.text_decoder, tokens, ids)
    wanted = functional.cross_entropy(padded, ids[:, 1:].flatten(), ignore_index=PAD)
    assert functional.cross_entropy(guesses, answers) == pytest.approx(wanted.item(), abs=1e-5)
