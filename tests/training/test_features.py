"""What a tower saw is stored once for one tower and one choice of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.dataset import Dataset
from training.features import look

SIZE, PICTURES = 8, 6


class Eye(nn.Module):
    """The mean colour, weighted; counts its passes."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.passes = 0

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        self.passes += 1
        latents = pixels.mean((2, 3)) * self.weight
        return latents, latents[:, None]


def _dataset(kept: list[int], seed: int = 0) -> Dataset:
    pixels = np.random.default_rng(seed).integers(0, 256, (PICTURES, SIZE, SIZE, 3), np.uint8)
    return Dataset(
        pixels, np.array(kept), [{"gentle": True, "key": str(number)} for number in kept]
    )


def test_looks_once_at_each_view(tmp_path: Path) -> None:
    eye = Eye()
    first = look(eye, _dataset([0, 1, 2]), SIZE, 2, tmp_path)
    again = look(eye, _dataset([0, 1, 2]), SIZE, 2, tmp_path)
    assert eye.passes == 2
    assert np.array_equal(first.latents, again.latents)
    assert first.latents.shape == (2, 3, 3)


def test_another_choice_of_as_many_pictures_is_looked_at_anew(tmp_path: Path) -> None:
    first = look(Eye(), _dataset([0, 1, 2]), SIZE, 1, tmp_path)
    other = look(Eye(), _dataset([3, 4, 5]), SIZE, 1, tmp_path)
    assert not np.allclose(first.latents, other.latents, atol=1e-3)


def test_other_pixels_under_the_same_keys_are_looked_at_anew(tmp_path: Path) -> None:
    first = look(Eye(), _dataset([0, 1, 2]), SIZE, 1, tmp_path)
    other = look(Eye(), _dataset([0, 1, 2], seed=1), SIZE, 1, tmp_path)
    assert not np.allclose(first.latents, other.latents, atol=1e-3)


def test_a_tower_that_learned_on_looks_anew(tmp_path: Path) -> None:
    eye = Eye()
    first = look(eye, _dataset([0, 1, 2]), SIZE, 1, tmp_path)
    eye.weight.data[0] = 3.0
    other = look(eye, _dataset([0, 1, 2]), SIZE, 1, tmp_path)
    assert not np.allclose(first.latents, other.latents, atol=1e-3)
