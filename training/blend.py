"""The average of two towers, where one grew out of the other: often better than either.

    python -m training.blend OUT.pt OLD.pt NEW.pt --share 0.6

As in "Robust fine-tuning of zero-shot models" (Wortsman et al. 2022): what was learned is kept, and
so is most of what was about to be forgotten. Both are files of `training.tower`; an old one comes
from a finished folder by `training.model_folder.tower_state`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .averaging import Weights
from .command import run


def blend(old: dict[str, Any], new: dict[str, Any], share: float) -> dict[str, Any]:
    """`share` of the new one; both must have one shape and one mean sentence vector."""
    if old["spec"] != new["spec"] or not torch.equal(old["centre"], new["centre"]):
        raise ValueError("these towers have not grown out of one another")
    return {
        "spec": new["spec"],
        "size": new["size"],
        "centre": new["centre"],
        "scale": _between(old["scale"], new["scale"], share),
        "model": _all_between(old["model"], new["model"], share),
        "text": _all_between(old["text"], new["text"], share),
    }


def _all_between(old: Weights, new: Weights, share: float) -> Weights:
    return {name: _between(old[name], value, share) for name, value in new.items()}


def _between(old: Tensor, new: Tensor, share: float) -> Tensor:
    return torch.lerp(old, new, share) if new.is_floating_point() else new


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--share", type=float, default=0.6, help="of the new one")
    chosen = parser.parse_args()
    old, new = (torch.load(path, weights_only=True) for path in (chosen.old, chosen.new))
    torch.save(blend(old, new, chosen.share), chosen.out)


if __name__ == "__main__":
    run(main)
