from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from search.errors import ModelUnavailableError
from search.models import BY_NAME, MODELS, Origin, licence, may_be_one, resolve


def test_the_embedded_model_comes_first_and_is_in_the_package() -> None:
    assert MODELS[0].name == "embedded"
    assert resolve("embedded").origin is Origin.PACKAGE


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(MODELS)


def test_a_named_model_is_a_pair_of_open_clip() -> None:
    source = resolve("balanced")
    assert (source.origin, source.model, source.pretrained) == (
        Origin.HUB,
        "ViT-B-16-SigLIP2",
        "webli",
    )


def test_a_pair_that_has_a_name_is_that_model() -> None:
    assert resolve("openclip:ViT-B-16-SigLIP2/webli") == resolve("balanced")


def test_any_other_pair_keeps_its_own_name() -> None:
    source = resolve("openclip:RN50/yfcc15m")
    assert (source.name, source.model) == ("openclip:RN50/yfcc15m", "RN50")


def test_a_path_is_a_folder(tmp_path: Path) -> None:
    source = resolve(f"openclip:{tmp_path}")
    assert (source.origin, source.folder) == (Origin.FOLDER, tmp_path)


def test_a_relative_path_is_the_same_folder_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve("openclip:./mine") == resolve(f"openclip:{tmp_path}/mine")


@pytest.mark.parametrize("name", ["", "clip", "Embedded", "openclip:", "openclip:ViT-B-32"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(ModelUnavailableError) as caught:
        resolve(name)
    assert caught.value.exit_code == 12


def test_the_refusal_lists_the_known_names() -> None:
    with pytest.raises(ModelUnavailableError, match=r"embedded, fast, .*openclip:MODEL/PRETRAINED"):
        resolve("clip")


def test_every_model_says_its_licence() -> None:
    assert all(model.licence for model in MODELS)
    assert licence(resolve("fast")) == "MIT"
    assert licence(resolve("openclip:RN50/yfcc15m"))


def test_research_only_weights_are_not_in_the_table() -> None:
    assert not [m for m in MODELS if "MobileCLIP" in m.model or "dfn" in m.pretrained]


@pytest.mark.torch
def test_open_clip_knows_every_pair() -> None:
    import open_clip

    known = set(open_clip.list_pretrained())
    assert [m.name for m in MODELS if m.model and (m.model, m.pretrained) not in known] == []


def test_the_table_is_read_without_torch() -> None:
    code = "import sys, search.models; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_relative_folder_needs_no_dot_where_a_model_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "OUT").mkdir(parents=True)
    (tmp_path / "ViT-B-32" / "openai").mkdir(parents=True)  # holds no model: the pair is meant
    (tmp_path / "runs" / "OUT" / "config.json").touch()
    assert resolve("openclip:runs/OUT") == resolve(f"openclip:{tmp_path}/runs/OUT")
    assert resolve("openclip:ViT-B-32/openai").origin is Origin.HUB


def test_only_weights_that_are_here_can_turn_out_to_be_those_of_another_name() -> None:
    assert may_be_one("openclip:/old/mine", "openclip:/new/mine")
    assert may_be_one("embedded", "openclip:/a/copy")
    assert may_be_one("balanced", "balanced")
    assert not may_be_one("openclip:/old/mine", "balanced")  # nor is it fetched to find out
    assert not may_be_one("embedded", "balanced")
