from __future__ import annotations

from typing import Any

import pytest
import torch

from training.blend import blend


def tower(value: float, centre: float = 0.0) -> dict[str, Any]:
    return {
        "spec": {"kind": "hybrid", "args": {}},
        "size": 96,
        "centre": torch.tensor([centre]),
        "scale": torch.tensor(value),
        "model": {"w": torch.tensor([value]), "steps": torch.tensor(int(value))},
        "text": {"weight": torch.tensor([[value]])},
    }


def test_every_weight_lies_between_and_counters_are_the_new_ones() -> None:
    got = blend(tower(1.0), tower(3.0), 0.75)
    assert got["model"]["w"].item() == got["text"]["weight"].item() == got["scale"].item() == 2.5
    assert got["model"]["steps"].item() == 3


def test_towers_of_two_families_are_refused() -> None:
    with pytest.raises(ValueError, match="grown out of one another"):
        blend(tower(1.0), tower(3.0, centre=1.0), 0.5)
