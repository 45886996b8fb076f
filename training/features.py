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
from .averaging import Weights
from .dataset import Dataset

BATCH = 256
SAMPLED = 100  # pictures whose pixels are compared

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
    """All views, kept in `folder`; what this tower saw of these pictures is not looked at again.

    On the device that the tower is on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{size}px-{fingerprint(tower.state_dict())}-{_fingerprint_of_pictures(dataset)}"
    files = [folder / f"{name}-{view}.npz" for view in range(views)]
    for view, file in enumerate(files):
        if not file.exists():
            _store(_pass(tower.eval(), dataset, size, view), file)
    stored = [np.load(file) for file in files]
    return Seen(*(np.stack([part[name] for part in stored]) for name in ("latents", "tokens")))


def fingerprint(weights: Weights) -> str:
    """Of weights in half precision, as a folder stores them."""
    digest = blake2b(digest_size=8)
    for name, weight in sorted(weights.items()):
        digest.update(name.encode() + weight.half().cpu().numpy().tobytes())
    return digest.hexdigest()


def _fingerprint_of_pictures(dataset: Dataset) -> str:
    """Of their keys and size, and of some pixels."""
    digest = blake2b(repr(dataset.mapped.shape[1:]).encode(), digest_size=8)
    digest.update("\n".join(row["key"] for row in dataset.rows).encode())
    digest.update(dataset.pixels(slice(None, None, 1 + len(dataset.rows) // SAMPLED)).tobytes())
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
