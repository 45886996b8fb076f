"""Commands that change or keep a library's model: `reindex`, `forget`, `caption`, and a model
whose folder was moved. With real towers of random weights."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from indexer import cli
from search.records import DecodedImage, NewImage, Space
from search.settings import Settings
from search.store import Store
from tests.pictures import write_picture
from tests.small_model import write_small_model

from .conftest import Ran

pytestmark = pytest.mark.torch

PICTURES = 3

Indexer = Callable[..., Ran]


@pytest.fixture
def indexer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Indexer:
    """The command line in this process: torch is imported once, not once a command."""
    monkeypatch.setenv("POMONA_LIBRARY", str(settings.library))

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["indexer", *arguments])
        capfd.readouterr()
        try:
            code = cli._run()
        except SystemExit as left:
            code = int(str(left.code or 0))
        said = capfd.readouterr()
        return Ran(code, said.out, said.err)

    return run


@dataclass(frozen=True)
class Place:
    """A library of three pictures, indexed by a model of the user's own."""

    model: Path
    photos: Path
    indexer: Indexer

    def status(self) -> dict[str, Any]:
        return self.indexer("status", "--json").summary

    def vectors(self) -> dict[str, Any]:
        lines = self.indexer("export", "--vectors", "--json").lines[:-1]
        return {line["path"]: line["vectors"]["image"] for line in lines}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models, `mine` and `other`."""
    folder = tmp_path_factory.mktemp("models")
    write_small_model(folder / "mine", seed=1)
    write_small_model(folder / "other", seed=2)
    return folder


@pytest.fixture
def place(indexer: Indexer, models: Path, tmp_path: Path) -> Place:
    model = shutil.copytree(models / "mine", tmp_path / "mine")
    for seed in range(PICTURES):
        write_picture(tmp_path / "photos" / f"{seed}.png", seed)
    ran = indexer("add", str(tmp_path / "photos"), "--model", f"openclip:{model}", "--json")
    assert ran.summary["added"] == PICTURES, ran.err
    return Place(model, tmp_path / "photos", indexer)


def spoil_vectors(settings: Settings) -> None:
    """Every picture gets the vector of the first."""
    with Store.open(settings) as store:
        model = store.encoders.current()
        assert model
        rows = store.vectors.changes(model, Space.IMAGE, 0)
        records = store.images.get(rows.owners.tolist())
        seen = DecodedImage("", "JPEG", 1, 1, None, b"", ())
        wrong = [(id_, NewImage(seen, rows.vectors[0])) for id_ in records]
        store.vectors.add(model, wrong)


def test_reindex_without_a_model_rebuilds_with_the_librarys_own(
    place: Place, settings: Settings
) -> None:
    before = place.vectors()
    spoil_vectors(settings)
    assert len({tuple(vector) for vector in place.vectors().values()}) == 1
    ran = place.indexer("reindex", "--json")
    assert ran.code == 0, ran.err
    assert ran.summary["model"] == f"openclip:{place.model}"
    assert (ran.summary["embedded"], ran.summary["switched"]) == (PICTURES, False)
    assert place.status()["model"] == f"openclip:{place.model}"
    for path, vector in place.vectors().items():
        assert vector == pytest.approx(before[path], abs=0.02)


def test_reindex_changes_to_the_model_that_is_named_and_forget_frees_the_old(
    place: Place, models: Path
) -> None:
    other = f"openclip:{models / 'other'}"
    ran = place.indexer("reindex", "--model", other)
    assert ran.code == 0, ran.err
    assert f"from openclip:{place.model} to {other}" in ran.err
    assert f"the library's model is {other} now" in ran.out
    assert place.status()["model"] == other
    mine = f"openclip:{place.model}"
    assert place.indexer("forget", "--model", mine, "--json").summary["forgotten"] == 2 * PICTURES
    again = place.indexer("forget", "--model", mine)
    assert (again.code, "Traceback" in again.err) == (1, False)
    refused = place.indexer("forget", "--model", other)
    assert refused.code == 1
    assert place.indexer("doctor", "--deep").code == 0


def test_reindex_obeys_the_setting_as_every_command_does(
    place: Place, models: Path, settings: Settings
) -> None:
    other = f"openclip:{models / 'other'}"
    (settings.library / "config.toml").write_text(f'model = "{other}"\n')
    refused = place.indexer("add", str(place.photos))  # though there is nothing new to be read
    assert refused.code == 2
    assert f"reindex --model {other}" in refused.err
    assert place.indexer("reindex", "--json").summary["model"] == other
    assert place.status()["model"] == other


def test_reindex_keeps_the_librarys_captioner(place: Place) -> None:
    """The model has a decoder of its own, so only what the library says names the other one."""
    place.indexer("reindex", "--captioner", "embedded")
    assert place.status()["captioner"] == "embedded"
    assert place.indexer("reindex").code == 0
    assert place.status()["captioner"] == "embedded"


def test_a_picture_that_is_gone_keeps_its_vector_when_the_model_stays(place: Place) -> None:
    before = place.vectors()
    (place.photos / "1.png").unlink()
    ran = place.indexer("reindex", "--json")
    assert ran.code == 3
    assert (ran.summary["embedded"], ran.summary["skipped"]) == (PICTURES - 1, 1)
    assert place.vectors().keys() == before.keys()
    again = place.indexer("reindex")
    assert again.code == 0  # nothing is newly skipped
    assert "indexer sync" in again.out
    assert place.indexer("skipped", "--json").lines[0]["reason"] == "vanished"


def test_a_change_of_model_that_some_files_stop_is_a_failure_and_with_yes_says_what_is_missing(
    place: Place, models: Path
) -> None:
    (place.photos / "1.png").unlink()
    other = f"openclip:{models / 'other'}"
    refused = place.indexer("reindex", "--model", other, "--quiet")
    assert refused.code == 1
    assert "1 picture cannot be read" in refused.err
    assert "--yes" in refused.err
    assert place.status()["model"] == f"openclip:{place.model}"
    switched = place.indexer("reindex", "--model", other, "--yes")
    assert switched.code == 3
    assert "stay in the library but are not found" in switched.out
    assert (place.status()["model"], place.status()["images"]) == (other, PICTURES)
    assert place.indexer("sync", "--yes", "--json").summary["removed"] == 1
    assert place.indexer("doctor", "--deep").code == 0


def test_a_picture_without_a_caption_because_it_cannot_be_read_is_new_only_once(
    place: Place,
) -> None:
    (place.photos / "1.png").unlink()
    chinese = ("caption", "--caption-language", "zh", "--captioner", "embedded", "--json")
    first = place.indexer(*chinese)
    assert (first.code, first.summary["captioned"], first.summary["skipped"]) == (3, 2, 1)
    again = place.indexer(*chinese)
    assert (again.code, again.summary["captioned"], again.summary["skipped"]) == (0, 0, 1)


def test_caption_writes_what_is_missing(place: Place) -> None:
    ran = place.indexer("caption", "--caption-language", "zh", "--captioner", "embedded", "--json")
    assert (ran.code, ran.summary["captioned"]) == (0, PICTURES)
    again = place.indexer("caption", "--caption-language", "zh", "--json")
    assert (again.code, again.summary["captioned"]) == (0, 0)
    assert place.indexer("caption", "--captioner", "none").code == 2


def test_a_model_that_was_moved_is_the_same_model(place: Place, tmp_path: Path) -> None:
    moved = place.model.rename(tmp_path / "moved")
    lost = place.indexer("search", "red")
    assert lost.code == 12
    assert str(place.model) in lost.err
    assert "`indexer sync --model openclip:/path/to/folder" in lost.err
    named = place.indexer("search", "red", "--all", "--model", f"openclip:{moved}", "--json")
    assert named.code == 0, named.err
    assert place.status()["model"] == f"openclip:{place.model}"  # who searches writes nothing
    synced = place.indexer("sync", "--model", f"openclip:{moved}")
    assert synced.code == 0, synced.err
    assert place.indexer("search", "red", "--all").code == 0
    assert place.status()["model"] == f"openclip:{moved}"
    assert place.status()["captioner"] == f"openclip:{moved}"


def test_adding_with_a_model_that_was_moved_goes_on(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place.model.rename(tmp_path / "moved")
    write_picture(place.photos / "new.png", 9)
    new = str(place.photos)
    assert place.indexer("add", new).code == 12
    ran = place.indexer("add", new, "--model", "openclip:moved", "--json")
    assert (ran.code, ran.summary["added"]) == (0, 1), ran.err
    assert place.status()["model"] == f"openclip:{tmp_path / 'moved'}"


def test_other_weights_at_the_place_that_is_named_are_refused(place: Place, models: Path) -> None:
    for command in (["search", "red"], ["add", str(place.photos), "--retry"]):
        write_picture(place.photos / f"{command[0]}.png", 20)
        ran = place.indexer(*command, "--model", f"openclip:{models / 'other'}")
        assert ran.code == 2, ran.err
        assert "vectors of two models never meet" in ran.err
    assert place.status()["model"] == f"openclip:{place.model}"
