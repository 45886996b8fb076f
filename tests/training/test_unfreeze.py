"""A thawed stem computes what it did before; only what should learn learns."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from search.towers.vision import EfficientNetTower
from training.unfreeze import unfreeze

pytestmark = pytest.mark.torch

FIRST = 3


@pytest.fixture(scope="module")
def towers() -> tuple[EfficientNetTower, EfficientNetTower]:
    torch.manual_seed(0)
    frozen = EfficientNetTower(dim=64, depth=1, heads=2, embed=32)
    thawed = copy.deepcopy(frozen)
    unfreeze(thawed.stem, FIRST)
    return frozen, thawed


@pytest.mark.parametrize("side", [64, 96, 144])  # at stride 2, sides even and odd
def test_answers_and_gradients_are_those_of_the_usual_convolutions(
    towers: tuple[EfficientNetTower, EfficientNetTower], side: int
) -> None:
    usual, thawed = towers
    pixels = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(side))
    answers = []
    for tower in towers:
        tower.zero_grad()
        latents, _ = tower(pixels)
        latents.square().sum().backward()
        answers.append(latents.detach())
    torch.testing.assert_close(answers[1], answers[0], rtol=1e-4, atol=1e-5)
    expected = dict(usual.named_parameters())
    for name, weight in thawed.named_parameters():
        if weight.grad is not None:
            like = expected[name].grad
            assert like is not None
            torch.testing.assert_close(
                weight.grad, like, rtol=1e-3, atol=1e-5 * float(like.abs().max())
            )


def test_below_the_line_and_in_depthwise_kernels_nothing_learns(
    towers: tuple[EfficientNetTower, EfficientNetTower],
) -> None:
    _, thawed = towers
    assert not any(weight.requires_grad for weight in thawed.stem[:FIRST].parameters())
    for conv in thawed.stem[FIRST:].modules():
        if isinstance(conv, nn.Conv2d):
            depthwise = conv.groups == conv.in_channels
            assert all(weight.requires_grad != depthwise for weight in conv.parameters())


def test_the_names_of_the_weights_stay(
    towers: tuple[EfficientNetTower, EfficientNetTower],
) -> None:
    usual, thawed = towers
    assert usual.state_dict().keys() == thawed.state_dict().keys()
