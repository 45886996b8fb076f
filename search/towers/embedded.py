"""The embedded model: a small CoCa with an image tower of our own.

    model, tokenizer, config = load_model(folder)
    model.encode_image(pixels)   # (n, 3, s, s) float32 in [-1, 1] -> (n, embed), unit length
    model.encode_text(ids)       # (n, context) int64 -> (n, embed), unit length
    latents, tokens = model.visual(pixels)   # the tokens feed the caption decoder

The rest is open_clip's: `model.text`, `model.text_decoder`, `model.logit_scale`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from open_clip.coca_model import CoCa
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from ..errors import ModelUnavailableError
from .tokens import PAD
from .vision import build_tower

Config = dict[str, Any]  # what config.json holds: embed, size, tower, text, decoder


def build_model(config: Config) -> CoCa:
    """A CoCa with fresh weights.

    Its embedding, text and decoder widths must be equal: open_clip's decoder has no projection
    between them.
    """
    text, decoder = config["text"], config["decoder"]
    shape = {name: text[name] for name in ("context_length", "vocab_size", "width", "heads")}
    model = CoCa(
        embed_dim=config["embed"],
        text_cfg={**text, "embed_cls": True, "output_tokens": True, "pad_id": PAD},
        multimodal_cfg={**decoder, **shape},
        vision_cfg={"image_size": 32, "patch_size": 32, "layers": 1, "width": 64},
    )
    model.visual = build_tower(config["tower"])  # open_clip's own was a placeholder
    nn.init.normal_(model.text_decoder.text_projection, std=text["width"] ** -0.5)  # left unset
    return model


def load_model(folder: Path) -> tuple[CoCa, Tokenizer, Config]:
    """The model of a folder, in float32, ready to answer; ModelUnavailableError if damaged."""
    try:
        config = json.loads((folder / "config.json").read_text())
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        model = _assemble(config, load_file(folder / "model.safetensors"))
    except Exception as error:  # each library has errors of its own for a damaged file
        raise ModelUnavailableError(f"{folder}: {error}") from error
    return model.eval(), tokenizer, config


def _assemble(config: Config, weights: dict[str, Tensor]) -> CoCa:
    """Weights become the parameters themselves: nothing is initialised only to be overwritten."""
    with torch.device("meta"):
        model = build_model(config)
    model.load_state_dict({k: _float32(v) for k, v in weights.items()}, assign=True)
    model.text.attn_mask = model.text.build_causal_mask()  # the masks are in no file
    model.text_decoder.attn_mask = model.text_decoder.build_attention_mask()
    return model


def _float32(weight: Tensor) -> Tensor:
    return weight.float() if weight.is_floating_point() else weight
