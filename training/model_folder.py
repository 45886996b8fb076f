"""The folder that `load_model` reads, and what lets training go on from it."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from search.towers.embedded import Config

from .averaging import Weights
from .vocabulary import save_tokenizer

FIRST_SCALE = math.log(1 / 0.07)  # as CLIP begins


@dataclass(frozen=True, slots=True)
class TeacherMap:
    """How sentence vectors come into the tower's space."""

    weight: Tensor  # (embed, teacher_dim)
    centre: Tensor  # (teacher_dim,), the mean sentence vector
    scale: Tensor  # logarithm of the inverse temperature

    @classmethod
    def fresh(cls, embed: int, teacher_dim: int) -> TeacherMap:
        """One that knows nothing yet."""
        weight = torch.nn.Linear(teacher_dim, embed, bias=False).weight.detach()
        return cls(weight, torch.zeros(teacher_dim), torch.tensor(FIRST_SCALE))

    def state(self) -> dict[str, Any]:
        """Its part of RUN/tower.pt."""
        return {"text": {"weight": self.weight}, "centre": self.centre, "scale": self.scale}

    def __call__(self, sentences: Tensor) -> Tensor:
        """(n, teacher_dim) -> (n, embed), unit length."""
        mapped = (sentences - self.centre) @ self.weight.T
        return torch.nn.functional.normalize(mapped, dim=-1)


def write_folder(
    folder: Path, weights: Weights, config: Config, tokenizer: Tokenizer, taught: TeacherMap
) -> None:
    """Half precision; whatever reads the folder meanwhile sees the old weights or the new."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {k: v.half().contiguous().cpu() for k, v in weights.items()}
    save_weights(halves, folder / "model.new")
    (folder / "model.new").replace(folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    save_tokenizer(tokenizer, folder)
    ties = {"text.weight": taught.weight, "centre": taught.centre, "scale": taught.scale[None]}
    whole = {k: v.contiguous() for k, v in ties.items()}
    save_weights(whole, folder / "teacher_map.safetensors")


def save_weights(weights: Weights, file: Path) -> None:
    """For everybody whom the umask lets read: safetensors makes a file for its owner alone."""
    save_file(weights, file)
    mask = os.umask(0)
    os.umask(mask)
    file.chmod(0o666 & ~mask)


def read_teacher_map(folder: Path) -> TeacherMap:
    ties = load_file(folder / "teacher_map.safetensors")
    return TeacherMap(ties["text.weight"].float(), ties["centre"].float(), ties["scale"][0].float())


def tower_state(folder: Path) -> dict[str, Any]:
    """The image tower of a finished folder, as `training.tower` saves one."""
    config: Config = json.loads((folder / "config.json").read_text())
    weights, taught = load_file(folder / "model.safetensors"), read_teacher_map(folder)
    tower = {k.removeprefix("visual."): v for k, v in weights.items() if k.startswith("visual.")}
    floats = {k: v.float() if v.is_floating_point() else v for k, v in tower.items()}
    return taught.state() | {"spec": config["tower"], "size": config["size"], "model": floats}
