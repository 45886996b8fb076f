"""Text towers at a text's real length, where that is exact.

open_clip runs every text at full context, 77 tokens for "red apple". What a family allows:

- CLIP: the mask is causal and the vector is read at the end token, so what follows it is cut.
- CoCa: a class token is appended after the padding and attends to what is not padding. The padding
  is cut and the class token keeps the position that it has in a full context.
- SigLIP, Hugging Face towers, others: every position may count; they run whole.

`tests/search/towers/test_texttower.py` holds each family to open_clip's own output.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_ENDS = ("argmax", "eos")


def encode_ids(network: Any, ids: Tensor) -> Tensor:
    """(n, context) int64 -> (n, dim), not normalised. `network` is an open_clip model."""
    tower = getattr(network, "text", network)
    causal = getattr(tower, "attn_mask", None) is not None and hasattr(tower, "token_embedding")
    if causal and getattr(tower, "cls_emb", None) is not None:
        return _with_class_token(tower, ids)
    if causal and _pool_type(tower) in _ENDS:
        return _to_the_end(tower, ids)
    features: Tensor = network.encode_text(ids, normalize=False)
    return features


def _pool_type(tower: Any) -> str:
    return str(getattr(tower, "text_pool_type", getattr(tower, "pool_type", "")))


def _to_the_end(tower: Any, ids: Tensor) -> Tensor:
    """Tokens up to the last end token of the batch; the vector at each text's own."""
    if _pool_type(tower) == "eos":
        end_id = tower.text_eos_id if hasattr(tower, "text_eos_id") else tower.eos_id
        ends = ids.eq(int(end_id)).int().argmax(-1)
    else:
        ends = ids.argmax(-1)
    length = int(ends.max()) + 1
    x = tower.token_embedding(ids[:, :length]) + tower.positional_embedding[:length]
    x = tower.transformer(x, attn_mask=tower.attn_mask[:length, :length])
    rows = torch.arange(len(ids), device=ids.device)
    return _projected(tower, tower.ln_final(x[rows, ends]))


def _with_class_token(tower: Any, ids: Tensor) -> Tensor:
    """Tokens up to the first padding after the longest text, then the class token.

    open_clip's mask for CoCa is shifted by one unless `correct_cls_mask`: a key counts if the token
    *before* it is no padding, so the first padding of each text is seen and has to stay.
    """
    context = ids.shape[1]
    positions = torch.arange(context, device=ids.device)
    lasts = torch.where(ids != tower.pad_id, positions, 0).amax(-1)
    length = min(int(lasts.max()) + 2, context)
    x = tower.token_embedding(ids[:, :length]) + tower.positional_embedding[:length]
    own = (tower.cls_emb + tower.positional_embedding[context]).expand(len(ids), 1, -1)
    x = tower.transformer(torch.cat([x, own], 1), attn_mask=_class_mask(tower, ids, length))
    return _projected(tower, tower.ln_final(x[:, -1]))


def _class_mask(tower: Any, ids: Tensor, length: int) -> Tensor:
    """Additive, (n * heads, length + 1, length + 1): the keys that a full context would show."""
    real = ids != tower.pad_id
    always = real.new_ones(len(ids), 1)
    keys = (
        torch.cat([real[:, :length], always], 1)
        if tower.correct_cls_mask
        else torch.cat([always, real[:, : length - 1], real[:, -1:]], 1)
    )
    hidden = torch.zeros(keys.shape, device=ids.device).masked_fill_(~keys, float("-inf"))
    causal = tower.attn_mask[: length + 1, : length + 1]
    mask: Tensor = causal + hidden[:, None]
    return mask.repeat_interleave(tower.heads, 0)


def _projected(tower: Any, pooled: Tensor) -> Tensor:
    projection = tower.text_projection
    if projection is None:
        return pooled
    features: Tensor = (
        projection(pooled) if isinstance(projection, torch.nn.Linear) else pooled @ projection
    )
    return features
