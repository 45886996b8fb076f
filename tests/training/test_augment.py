"""What augmentation may change, and what it must not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.augment import augment, augment_on_card, plain

pytestmark = pytest.mark.torch


def halves(number: int) -> np.ndarray:
    """Red on the left, blue on the right."""
    pixels = np.zeros((number, 32, 32, 3), np.uint8)
    pixels[:, :, :16, 0] = pixels[:, :, 16:, 2] = 200
    return pixels


def redder_left(batch: torch.Tensor) -> torch.Tensor:
    side = batch.shape[-1] // 4
    return batch[:, 0, :, :side].mean((1, 2)) > batch[:, 0, :, -side:].mean((1, 2))


def test_plain_pixels_reach_from_minus_one_to_one() -> None:
    pixels = np.stack([np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)])
    assert plain(pixels, 8).flatten(1).mean(1).tolist() == [-1.0, 1.0]


def test_a_gentle_picture_keeps_its_sides() -> None:
    chance, gentle = np.random.default_rng(0), np.ones(40, bool)
    assert redder_left(augment(halves(40), 32, gentle, chance)).all()


def test_other_pictures_are_mirrored_every_other_time() -> None:
    chance, gentle = np.random.default_rng(0), np.zeros(200, bool)
    share = redder_left(augment(halves(200), 32, gentle, chance)).float().mean()
    assert 0.3 < share < 0.7


def test_the_cards_augmentation_keeps_gentle_sides_too() -> None:
    torch.manual_seed(0)
    pixels = torch.from_numpy(halves(40))
    seen = augment_on_card(pixels, 32, torch.ones(40, dtype=torch.bool))
    assert seen.shape == (40, 3, 32, 32)
    assert redder_left(seen).all()
