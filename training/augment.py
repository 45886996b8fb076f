"""Pictures as a tower sees them: as they are, or cropped, mirrored and lit at random.

Hue stays: a shop asks for colours.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from search.records import Pixels

SMALLEST = 0.35  # of the picture's area
SMALLEST_GENTLE = 0.85


def plain(pixels: Pixels, size: int) -> Tensor:
    """(n, h, w, 3) uint8 -> (n, 3, size, size) float32 in [-1, 1]."""
    planes = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2)
    return _to_unit(_floats(_resize(planes, size)))


def augment(pixels: Pixels, size: int, gentle: NDArray[np.bool_], chance: Generator) -> Tensor:
    """As `plain`, each picture cropped, mirrored and lit at random.

    A `gentle` picture keeps its sides and nearly all of its area.
    """
    crops = [
        _crop(picture, SMALLEST_GENTLE if kind else SMALLEST, chance)
        for picture, kind in zip(pixels, gentle, strict=True)
    ]
    batch = torch.cat([_resize(crop, size) for crop in crops])
    mirrored = torch.from_numpy((chance.random(len(batch)) < 0.5) & ~gentle)
    batch[mirrored] = batch[mirrored].flip(-1)
    return _relight(batch, chance)


def augment_on_card(pixels: Tensor, size: int, gentle: Tensor) -> Tensor:
    """As `augment`, for a batch (n, h, w, 3) uint8 that lies on a GPU."""
    number, device = len(pixels), pixels.device
    smallest = torch.where(gentle, SMALLEST_GENTLE, SMALLEST)
    area = (smallest + (1 - smallest) * torch.rand(number, device=device)).sqrt()
    ratio = torch.empty(number, device=device).uniform_(-0.2, 0.2).exp()
    mirror = torch.where((torch.rand(number, device=device) < 0.5) & ~gentle, -1.0, 1.0)
    width, height = (area / ratio).clamp(max=1), (area * ratio).clamp(max=1)
    theta = torch.zeros(number, 2, 3, device=device)
    theta[:, 0, 0], theta[:, 1, 1] = width * mirror, height
    theta[:, 0, 2] = (2 * torch.rand(number, device=device) - 1) * (1 - width)
    theta[:, 1, 2] = (2 * torch.rand(number, device=device) - 1) * (1 - height)
    fold = 2 if size * 2 <= pixels.shape[2] else 1  # sampled finer, then averaged: no aliasing
    shape = [number, 3, size * fold, size * fold]
    grid = functional.affine_grid(theta, shape, align_corners=False)
    planes = pixels.permute(0, 3, 1, 2).float()
    seen = functional.grid_sample(planes, grid, padding_mode="reflection", align_corners=False)
    gain = torch.empty(2, number, 1, 1, 1, device=device).uniform_(0.75, 1.25)
    lit = _lit(functional.avg_pool2d(seen, fold), gain[0], gain[1])
    return lit.contiguous(memory_format=torch.channels_last)


def _crop(picture: Pixels, smallest: float, chance: Generator) -> Tensor:
    """A random part of (h, w, 3) as (1, 3, h', w')."""
    height, width = picture.shape[:2]
    side, ratio = chance.uniform(smallest, 1) ** 0.5, np.exp(chance.uniform(-0.2, 0.2))
    rows, columns = min(height, int(height * side * ratio)), min(width, int(width * side / ratio))
    top, left = chance.integers(height - rows + 1), chance.integers(width - columns + 1)
    part = np.array(picture[top : top + rows, left : left + columns])
    return torch.from_numpy(part).permute(2, 0, 1)[None]


def _resize(planes: Tensor, size: int) -> Tensor:
    if planes.shape[-2:] == (size, size):
        return planes
    shape = (size, size)
    return functional.interpolate(planes, shape, mode="bilinear", antialias=True)


def _relight(batch: Tensor, chance: Generator) -> Tensor:
    gain = torch.from_numpy(chance.uniform(0.75, 1.25, (2, len(batch), 1, 1, 1)).astype(np.float32))
    return _lit(_floats(batch), gain[0], gain[1])


def _lit(planes: Tensor, brightness: Tensor, contrast: Tensor) -> Tensor:
    """Brighter, then more or less apart from their mean, as one line a picture; [-1, 1]."""
    mean = planes.mean((1, 2, 3), keepdim=True)
    return _to_unit(planes, brightness * contrast, mean * brightness * (1 - contrast))


def _to_unit(planes: Tensor, slope: Tensor | float = 1.0, lift: Tensor | float = 0.0) -> Tensor:
    """slope x + lift, from 0..255 to [-1, 1]; writes over `planes`, as that halves the time."""
    return planes.mul_(slope / 127.5).add_(lift / 127.5 - 1).clamp_(-1, 1)


def _floats(planes: Tensor) -> Tensor:
    return planes.to(torch.float32, memory_format=torch.channels_last)
