"""A model of the embedded kind with random weights: a folder for --model, ready in an instant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

from search.towers.checkpoint import EMBEDDED_FOLDER
from search.towers.embedded import Config, build_model

SMALL: Config = {
    "embed": 64,
    "size": 32,
    "tower": {"kind": "hybrid", "args": {"dim": 64, "depth": 1, "heads": 2, "embed": 64}},
    "text": {"context_length": 16, "vocab_size": 12000, "width": 64, "heads": 2, "layers": 1},
    "decoder": {"layers": 1, "attn_pooler_heads": 2},
}


def write_small_model(folder: Path, seed: int = 0) -> Path:
    """Another seed is another model."""
    torch.manual_seed(seed)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(SMALL))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(EMBEDDED_FOLDER / name, folder)
    save_file(build_model(SMALL).state_dict(), folder / "model.safetensors")
    return folder
