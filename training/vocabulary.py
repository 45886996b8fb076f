"""The tokenizer, and texts as rows of token ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from torch import Tensor

from search.towers.tokens import BOS, EN, EOS, PAD, SPECIAL_TOKENS, ZH, encode


def train_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """Lower-cased byte pairs; every Chinese character is a word of its own."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    plain = normalizers.BertNormalizer(
        handle_chinese_chars=True, strip_accents=False, lowercase=True
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), plain])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL_TOKENS),
        continuing_subword_prefix="##",
        min_frequency=2,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    add_ends(tokenizer)
    return tokenizer


def add_ends(tokenizer: Tokenizer) -> None:
    """For those who read tokenizer.json with other programs: <bos> and <eos> around a text."""
    ends = [("<bos>", BOS), ("<eos>", EOS)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", special_tokens=ends
    )


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """tokenizer.json, and beside it what `transformers` wants to know."""
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"}
    told = {"tokenizer_class": "PreTrainedTokenizerFast", **names, "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))


@dataclass(frozen=True, slots=True)
class Lines:
    """Texts, tokenized once: a step only picks rows."""

    ids: Tensor  # (m, context) int64, with BOS first

    @staticmethod
    def of(tokenizer: Tokenizer, texts: Sequence[str], context: int) -> Lines:
        return Lines(encode(tokenizer, texts, context, BOS))

    def rows(self, numbers: Sequence[int]) -> Tensor:
        return self.ids[list(numbers)]

    def captions(self, numbers: Sequence[int], chinese: Sequence[bool]) -> Tensor:
        """As `rows`, with the language's token first."""
        ids = self.rows(numbers)
        ids[:, 0] = torch.where(torch.tensor(chinese), ZH, EN)
        return ids


def begun(ids: Tensor, goals: Tensor, fresh: Tensor) -> Tensor:
    """Token embeddings to begin with: each points to where the texts that it is part of should be.

    ids (m, context); goals (m, width), unit length; fresh (vocabulary, width), random, whose mean
    length they keep. A short text says more of its tokens; tokens of no text stay as they are.
    """
    rows, places = torch.nonzero(ids != PAD, as_tuple=True)
    shares = 1.0 / lengths(ids)[rows].float()
    summed = torch.zeros_like(fresh)
    off_centre = (goals - goals.mean(0)).to(fresh.dtype)
    summed.index_add_(0, ids[rows, places], off_centre[rows] * shares[:, None])
    long = summed.norm(dim=1, keepdim=True)
    pointed = summed / long.clamp(min=1e-6) * fresh.norm(dim=1).mean()
    return torch.where(long > 0, pointed, fresh)


def lengths(ids: Tensor) -> Tensor:
    """(n,): tokens up to and with EOS."""
    return (ids != PAD).sum(1)


__all__ = ["EOS", "Lines", "begun", "lengths", "save_tokenizer", "train_tokenizer"]
