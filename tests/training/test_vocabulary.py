"""Tokens."""

from __future__ import annotations

import torch

from search.towers.tokens import BOS, EOS, PAD, encode
from training.vocabulary import begun, train_tokenizer


def test_a_token_begins_where_its_texts_should_be() -> None:
    ids = torch.tensor([[5, PAD, PAD], [6, PAD, PAD], [5, 7, PAD]])
    goals = torch.nn.functional.normalize(torch.tensor([[1.0, 0, 0], [0, 1, 0], [1, 0, 1]]), dim=-1)
    fresh = torch.full((9, 3), 0.1)
    tokens = begun(ids, goals, fresh)
    length = 0.1 * 3**0.5
    assert torch.allclose(tokens[5:8].norm(dim=1), torch.full((3,), length))
    assert torch.cosine_similarity(tokens[5], goals[0] - goals.mean(0), dim=0) > 0.9
    assert torch.cosine_similarity(tokens[6], goals[1] - goals.mean(0), dim=0) > 0.99
    assert torch.equal(tokens[8], fresh[8])  # of no text


def test_other_programs_read_a_text_as_we_do() -> None:
    tokenizer = train_tokenizer(["a red mug", "红色杯子"] * 3, 60)
    ids = tokenizer.encode("a red mug").ids
    assert (ids[0], ids[-1]) == (BOS, EOS)
    assert encode(tokenizer, ["a red mug"], len(ids))[0].tolist() == ids
