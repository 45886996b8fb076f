"""The text tower and the decoder without the padding: the same answers for half the work.

`text` and `decoder` are open_clip's towers. Texts are sorted by length and cut into a few groups,
each as long as its longest text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from search.towers.tokens import PAD

from .vocabulary import lengths

GROUPS = 3


def groups(ids: Tensor, number: int = GROUPS) -> Iterator[tuple[Tensor, Tensor]]:
    """Row numbers of similar length, and their ids cut to the longest of them."""
    long = lengths(ids)
    for rows in long.argsort().tensor_split(min(number, len(ids))):
        yield rows, ids[rows, : int(long[rows].max())]


def read(text: Any, ids: Tensor) -> Tensor:
    """What `model.text(ids)[0]` gives: (n, context) -> (n, embed)."""
    parts = [(rows, _read_group(text, cut, ids.shape[1])) for rows, cut in groups(ids)]
    back = torch.cat([rows for rows, _ in parts]).argsort()
    return torch.cat([latents for _, latents in parts])[back]


def _read_group(text: Any, ids: Tensor, context: int) -> Tensor:
    """The class token stands after the full context, and sees one padding token if there is one."""
    if ids.shape[1] < context:
        ids = torch.cat([ids, torch.full_like(ids[:, :1], PAD)], 1)
    number, length = ids.shape
    embedded = text.token_embedding(ids) + text.positional_embedding[:length]
    last = (text.cls_emb + text.positional_embedding[context]).expand(number, 1, -1)
    x = torch.cat([embedded, last], 1)
    seen = torch.cat([torch.ones_like(ids[:, :1], dtype=torch.bool), ids != PAD], 1)
    causal = torch.ones(length + 1, length + 1, dtype=torch.bool, device=ids.device).tril()
    allowed = causal & seen[:, None]
    mask = torch.zeros(allowed.shape, device=ids.device).masked_fill(~allowed, -torch.inf)
    x = text.transformer(x, attn_mask=mask.repeat_interleave(text.heads, 0))
    latents: Tensor = text.ln_final(x[:, -1]) @ text.text_projection
    return latents


def write(text: Any, decoder: Any, tokens: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (m, vocabulary) of every next token that is no padding, and these tokens (m,)."""
    guesses, answers = [], []
    for rows, cut in groups(ids):
        before, after = cut[:, :-1], cut[:, 1:]
        hidden = _hidden(text, decoder, tokens[rows], before)
        guesses.append(hidden[after != PAD] @ decoder.text_projection)
        answers.append(after[after != PAD])
    return torch.cat(guesses), torch.cat(answers)


def _hidden(text: Any, decoder: Any, tokens: Tensor, ids: Tensor) -> Tensor:
    length = ids.shape[1]
    mask = decoder.attn_mask[:length, :length]
    x = text.token_embedding(ids) + text.positional_embedding[:length]
    x = text.transformer(x, attn_mask=mask)
    for block, look in zip(decoder.resblocks, decoder.cross_attn, strict=True):
        x = look(block(x, attn_mask=mask), k_x=tokens, v_x=tokens)
    hidden: Tensor = decoder.ln_final(x)
    return hidden
