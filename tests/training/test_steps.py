"""All steps on a corpus of two dozen pictures: what one writes, the next one reads."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest
import torch

from search.towers.embedded import load_model
from search.towers.tokens import encode
from training import tower, train_text
from training.corpus import texts_alone
from training.dataset import Dataset, Teacher, open_dataset, open_teacher
from training.evaluate import TowerCheck, measure_folder
from training.prepare import prepare
from training.sentence_teacher import teach, texts_of
from training.shards import read_samples

from .conftest import write_shards
from .fakes import DIM, encode_by_words

pytestmark = pytest.mark.torch

SPEC = {"kind": "hybrid", "args": {"dim": 64, "depth": 1, "heads": 2, "embed": 64, "grid": 2}}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures and what is said of them, with the teacher's vectors: only to be read."""
    folder = tmp_path_factory.mktemp("data")
    prepare(folder, read_samples([write_shards(folder / "shards")]), 32)
    texts = texts_of(folder) | {text for pair in texts_alone(folder) for text in pair.texts()}
    teach(folder, texts, encode_by_words)
    return folder


@pytest.fixture(scope="module")
def dataset(data: Path) -> Dataset:
    return open_dataset(data)


@pytest.fixture(scope="module")
def teacher(data: Path) -> Teacher:
    return open_teacher(data)


@pytest.fixture(scope="module")
def trained(dataset: Dataset, teacher: Teacher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("trained") / "run"
    train_tower(run, dataset, teacher, 0.01)
    return run


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A tower after its first stage, in a folder of the test's own."""
    return shutil.copytree(trained, tmp_path / "run")


def train_tower(run: Path, dataset: Dataset, teacher: Teacher, minutes: float) -> tower.Run:
    recipe = tower.Recipe(minutes, 32, batch=8, warm_up=1)
    stage = tower.Run(run, SPEC, recipe, teacher)
    weights = dataset.weights({})
    stage.train(
        tower.feed(dataset, teacher, weights, recipe, stage.step), float(weights.sum()), None
    )
    return stage


def train_words(run: Path, data: Path, out: Path, **more: object) -> None:
    recipe = train_text.Recipe(0.02, vocabulary=400, layers=1, decoder_layers=1, batch=8, alone=4)
    state = torch.load(run / "tower.pt", weights_only=True)
    dataset = open_dataset(data)
    train_text.speak(
        dataset,
        open_teacher(data),
        texts_alone(data)[:200],
        state,
        recipe,
        seen_at=run / "seen",
        out=out,
        weights=dataset.weights({}),
        **more,  # type: ignore[arg-type]
    )


def test_what_comes_out_is_a_model_that_search_loads(run: Path, data: Path, tmp_path: Path) -> None:
    train_words(run, data, tmp_path / "out")
    model, tokenizer, config = load_model(tmp_path / "out")
    ids = encode(tokenizer, ["a red mug", "红色杯子"], config["text"]["context_length"])
    with torch.inference_mode():
        vectors = model.encode_text(ids)
        pictures = model.encode_image(torch.zeros(3, 3, 32, 32))
    assert vectors.shape == (2, 64)
    assert pictures.shape == (3, 64)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(2), atol=1e-5)


def test_words_can_begin_with_those_of_a_finished_folder(
    run: Path, data: Path, tmp_path: Path
) -> None:
    train_words(run, data, tmp_path / "first")
    train_words(run, data, tmp_path / "second", start=tmp_path / "first")
    tokenizers = [(tmp_path / name / "tokenizer.json").read_text() for name in ("first", "second")]
    assert tokenizers[0] == tokenizers[1]
    state = torch.load(run / "tower.pt", weights_only=True)
    _, _, begun = train_text.begin(
        state, train_text.Recipe(1), ["other words"], start=tmp_path / "first"
    )
    finished = load_model(tmp_path / "first")[0].state_dict()
    words = {k: v for k, v in begun.state_dict().items() if not k.startswith("visual.")}
    assert set(words) < set(finished)
    for name, value in words.items():
        assert name == "logit_scale" or torch.equal(value, finished[name]), name


def test_a_stopped_run_keeps_its_tokenizer(run: Path, tmp_path: Path) -> None:
    state = torch.load(run / "tower.pt", weights_only=True)
    recipe, file = train_text.Recipe(1, vocabulary=60), tmp_path / "tokenizer.json"
    _, first, _ = train_text.begin(state, recipe, ["a red mug"] * 3)
    first.save(str(file))
    _, again, _ = train_text.begin(state, recipe, ["other words"] * 3, kept=file)
    assert again.to_str() == first.to_str()


def test_a_stopped_run_is_gone_on_with_only_if_the_same_is_asked_for(tmp_path: Path) -> None:
    torch.save({"asked": [50.0, "eye", "None"], "step": 7}, tmp_path / train_text.STATE)
    going = train_text.stopped_run(tmp_path, [50.0, "eye", "None"])
    assert going is not None
    assert going["step"] == 7
    assert train_text.stopped_run(tmp_path, [10.0, "eye", "None"]) is None
    assert train_text.stopped_run(tmp_path, [50.0, "another eye", "None"]) is None
    assert train_text.stopped_run(tmp_path / "nowhere", [50.0, "eye", "None"]) is None


def test_words_that_were_stopped_go_on_where_they_were(
    run: Path,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "labels.jsonl").write_text("no JSON")
    with pytest.raises(json.JSONDecodeError):  # at its first report, when all is saved
        train_words(run, data, tmp_path / "out", check=tmp_path)
    state = torch.load(tmp_path / "out" / train_text.STATE, weights_only=True)
    assert state["step"] > 0
    assert "goes on" not in capsys.readouterr().out
    train_words(run, data, tmp_path / "out")
    assert f"goes on from {state['spent'] / 60:.1f} minutes" in capsys.readouterr().out
    last = json.loads((tmp_path / "out" / "speak.jsonl").read_text().splitlines()[-1])
    assert last["seen"] >= state["seen"]
    assert not (tmp_path / "out" / train_text.STATE).exists()


def test_a_second_stage_starts_from_the_first_ones_weights(run: Path, teacher: Teacher) -> None:
    first = torch.load(run / "tower.pt", weights_only=True)
    second = tower.Run(run, SPEC, tower.Recipe(1, 64), teacher)
    assert second.step == 0
    assert torch.equal(second.pupil.tower.head.weight, first["model"]["head.weight"])


def test_a_stopped_run_goes_on_where_it_was(
    dataset: Dataset, teacher: Teacher, tmp_path: Path
) -> None:
    recipe = tower.Recipe(5, 32, batch=8)
    stopped = tower.Run(tmp_path / "run", SPEC, recipe, teacher)
    source = tower.feed(dataset, teacher, dataset.weights({}), recipe, 0)
    for _ in range(3):
        stopped.learn(*next(source), progress=0.1)
    stopped.schedule.spent = 120.0
    stopped.save(going=True)
    again = tower.Run(tmp_path / "run", SPEC, recipe, teacher)
    assert (again.step, again.seen, again.schedule.spent) == (3, 24, 120.0)
    for name, value in stopped.pupil.state_dict().items():
        assert torch.equal(value, again.pupil.state_dict()[name]), name
    for name, value in stopped.average.weights.items():
        assert torch.equal(value, again.average.weights[name]), name


def test_colours_are_learned(
    data: Path, dataset: Dataset, teacher: Teacher, testsets: Path, tmp_path: Path
) -> None:
    """Fifteen seconds suffice for three colours: a red wall is no green one."""
    stage = train_tower(tmp_path / "run", dataset, teacher, 0.2)
    check = TowerCheck(testsets, 32, encode_by_words)
    figures = check(*stage.averaged())
    assert figures["captions_en_R10"] > 0.9


def test_the_log_holds_one_json_line_a_report(
    run: Path,
) -> None:
    lines = (run / "tower.jsonl").read_text().splitlines()
    assert {"minutes", "size", "seen", "epochs", "per_second", "loss"} <= json.loads(
        lines[-1]
    ).keys()


def test_a_finished_folder_is_measured_in_both_languages(
    run: Path, data: Path, testsets: Path, tmp_path: Path
) -> None:
    train_words(run, data, tmp_path / "out")
    figures = measure_folder(tmp_path / "out", testsets)
    assert {"captions_en_R1", "captions_zh_R10", "labels_en", "labels_zh"} <= figures.keys()
    assert figures["labels_en"] == 1.0  # every picture is a mug


def test_teaching_again_encodes_only_what_is_new(tmp_path: Path) -> None:
    asked: list[str] = []

    def encode_and_note(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return encode_by_words(texts)

    assert teach(tmp_path, ["one", "two"], encode_and_note) == 2
    assert teach(tmp_path, ["two", "three"], encode_and_note) == 1
    assert asked == ["one", "two", "three"]
    taught = open_teacher(tmp_path)
    assert taught.rows(["three"]).shape == (1, DIM)
    np.testing.assert_allclose(taught.rows(["two"])[0], encode_by_words(["two"])[0], atol=1e-3)


def test_a_tower_that_could_have_no_words_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="dim 384, embed 256"):
        tower.spec_for(tmp_path, None, {"dim": 384})
    with pytest.raises(ValueError, match="multiple of 64"):
        tower.spec_for(tmp_path, None, {"dim": 200, "embed": 200})


def test_another_tower_than_the_one_that_is_there_is_refused(tmp_path: Path) -> None:
    torch.save({"spec": SPEC}, tmp_path / "tower.pt")
    assert tower.spec_for(tmp_path, None, None) == SPEC
    with pytest.raises(ValueError, match="name another folder"):
        tower.spec_for(tmp_path, "timm", None)


def test_pictures_that_all_weigh_nothing_are_an_error() -> None:
    with pytest.raises(ValueError, match="no picture"):
        next(tower.batches(np.zeros(3), 2, np.random.default_rng(0)))


def test_a_finished_model_is_not_overwritten_unasked(run: Path, data: Path, tmp_path: Path) -> None:
    train_words(run, data, tmp_path / "out", again=False)
    weights = tmp_path / "out" / "model.safetensors"
    made = weights.read_bytes()
    with pytest.raises(SystemExit, match=r"model\.safetensors is there already.*--again"):
        train_words(run, data, tmp_path / "out", again=False)
    assert weights.read_bytes() == made


def test_weights_may_be_read_by_whom_the_umask_lets(run: Path, data: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        train_words(run, data, tmp_path / "out")
    finally:
        os.umask(before)
    made = list((tmp_path / "out").glob("*.safetensors"))
    assert made
    for file in made:
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
