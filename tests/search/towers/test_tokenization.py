from __future__ import annotations

import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import open_clip  # noqa: E402

from search.towers.checkpoint import EMBEDDED_FOLDER  # noqa: E402
from search.towers.tokenization import ClipReader, FileReader, read_with  # noqa: E402

pytestmark = pytest.mark.torch

TEXTS = ["red apple", "  Red   APPLE &amp; pear ", "红色苹果", "", "apple " * 100]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(EMBEDDED_FOLDER / name, tmp_path)
    return tmp_path


def test_a_tokenizer_file_is_read_as_transformers_reads_it(folder: Path) -> None:
    pytest.importorskip("transformers")
    cfg = {"context_length": 20, "hf_tokenizer_name": "mine"}
    reader = read_with(f"local-dir:{folder}", folder, cfg)
    assert isinstance(reader, FileReader)
    theirs = open_clip.tokenizer.HFTokenizer(str(folder), context_length=20)
    assert reader.ids(TEXTS).tolist() == theirs(TEXTS).tolist()


def test_a_text_fits_when_nothing_of_it_is_cut(folder: Path) -> None:
    reader = FileReader(folder, {"context_length": 20})
    assert reader.fits("apple " * 18)  # with its first and last token
    assert not reader.fits("apple " * 19)


def test_clips_own_words_need_no_file() -> None:
    reader = read_with("ViT-B-32", None, {"context_length": 77})
    assert isinstance(reader, ClipReader)
    assert reader.ids(TEXTS).tolist() == open_clip.tokenize(TEXTS).tolist()
    assert reader.fits("apple " * 75)
    assert not reader.fits("apple " * 76)


def test_a_caption_reads_like_a_sentence() -> None:
    reader = ClipReader({"context_length": 77})
    ids = reader.ids(["a man, in a red shirt."])[0].tolist()
    written = ids[: ids.index(reader.end)]
    assert reader.words(written) == "a man, in a red shirt."


def test_readers_of_the_same_words_are_the_same(folder: Path) -> None:
    first, second = (FileReader(folder, {"context_length": n}) for n in (20, 20))
    assert first.identity == second.identity
    assert first.identity != FileReader(folder, {"context_length": 21}).identity
