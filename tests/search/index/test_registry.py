"""The setting `index` names a kind."""

from __future__ import annotations

import pytest

from search.bootstrap import open_engine
from search.errors import SettingsError
from search.index import check_index, open_index
from search.index.candidates.auto import number_of
from search.index.candidates.cuda import gpus
from search.index.registry import KINDS
from search.settings import Settings
from search.store import Store


@pytest.mark.parametrize("name", ["faiss:auto", "faiss:flat", "faiss:cuda:0", "faiss:cuda:12"])
def test_kinds_that_there_are(name: str) -> None:
    check_index(name)


@pytest.mark.parametrize("name", ["", "flat", "faiss", "faiss:flat:0", "faiss:cuda:", "milvus://x"])
def test_a_wrong_name_is_told_the_right_ones(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_index(name, 8)
    assert all(kind in str(caught.value) for kind in KINDS)


@pytest.mark.parametrize("name", ["faiss:cuda:99", "faiss:cuda:first"])
def test_a_gpu_that_is_not_there_is_no_silent_processor(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        open_index(name, 8)


@pytest.mark.parametrize(
    ("device", "there", "number"),
    [
        ("auto", 0, None),
        ("auto", 2, 0),
        ("cpu", 2, None),
        ("cuda", 2, 0),
        ("cuda:1", 2, 1),
        ("cuda:1", 1, None),
        ("cuda", 0, None),
    ],
)
def test_auto_goes_where_the_towers_go(device: str, there: int, number: int | None) -> None:
    assert number_of(device, there) == number


def test_auto_is_flat_without_a_gpu() -> None:
    assert open_index("faiss:auto", 8, "cpu").exact
    assert gpus() >= 0


def test_a_library_is_not_opened_with_a_wrong_index(settings: Settings) -> None:
    Store.create(settings).close()
    wrong = settings.model_copy(update={"index": "faiss:fast"})
    with pytest.raises(SettingsError, match="faiss:flat"):
        open_engine(wrong)
