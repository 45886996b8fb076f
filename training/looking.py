"""What a finished tower sees, stored once: after that a step costs no pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from .augment import augment, plain
from .dataset import Dataset

BATCH = 256

Halves = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Seen:
    """Several views of every picture: as it is, then cropped at random."""

    latents: Halves  # (views, n, embed), unit length
    tokens: Halves  # (views, n, t, dim)

    def pick(self, view: int, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        latents, tokens = self.latents[view, rows], self.tokens[view, rows]
        return torch.from_numpy(latents).float(), torch.from_numpy(tokens).float()


def look(tower: nn.Module, dataset: Dataset, size: int, views: int, folder: Path) -> Seen:
    """All views, kept in `folder`; what this tower saw of these pictures is not looked at again."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{size}px-{_fingerprint(tower, dataset)}"
    files = [folder / f"{name}-{view}.npz" for view in range(views)]
    for view, file in enumerate(files):
        if not file.exists():
            _store(_pass(tower.eval(), dataset, size, view), file)
    stored = [np.load(file) for file in files]
    return Seen(*(np.stack([part[name] for part in stored]) for name in ("latents", "tokens")))


def _fingerprint(tower: nn.Module, dataset: Dataset) -> str:
    """Of the weights, as a folder stores them, and of which pictures there are."""
    digest = blake2b(dataset.numbers.tobytes(), digest_size=8)
    for name, weight in sorted(tower.state_dict().items()):
        digest.update(name.encode() + weight.half().cpu().numpy().tobytes())
    return digest.hexdigest()


def _store(parts: Iterator[tuple[Halves, Halves]], file: Path) -> None:
    latents, tokens = zip(*parts, strict=True)
    beside = file.with_suffix(".new.npz")
    np.savez(beside, latents=np.concatenate(latents), tokens=np.concatenate(tokens))
    beside.replace(file)


@torch.inference_mode()
def _pass(
    tower: nn.Module, dataset: Dataset, size: int, view: int
) -> Iterator[tuple[Halves, Halves]]:
    device = next(tower.parameters()).device
    chance = np.random.default_rng(view)
    gentle = np.array([row["gentle"] for row in dataset.rows])
    for start in range(0, len(dataset.rows), BATCH):
        part = slice(start, start + BATCH)
        pixels = dataset.pixels(part)
        seen = augment(pixels, size, gentle[part], chance) if view else plain(pixels, size)
        with torch.autocast(device.type, torch.bfloat16):
            latents, tokens = tower(seen.to(device))
        unit = functional.normalize(latents.float(), dim=-1)
        yield unit.cpu().numpy().astype(np.float16), tokens.half().cpu().numpy()
