from __future__ import annotations

import pytest

from search.errors import SettingsError

torch = pytest.importorskip("torch")

from search.records import Device  # noqa: E402
from search.towers.device import choose_device, dtype_of, raced  # noqa: E402 - imports torch

pytestmark = pytest.mark.torch


def test_a_cpu_that_was_asked_for_is_used() -> None:
    device = choose_device("cpu", "float32")
    assert device == Device("cpu", "asked for", "float32")


def test_without_a_cuda_device_it_says_so() -> None:
    if torch.cuda.is_available():
        pytest.skip("has a CUDA device")
    assert choose_device("auto", "float32").reason == "no CUDA device found"
    with pytest.raises(SettingsError, match="use auto or cpu"):
        choose_device("cuda")


@pytest.mark.parametrize("name", ["tpu", "cuda:x", "mps:0", ""])
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="use auto"):
        choose_device(name)


def test_the_precision_is_measured_where_nobody_asked() -> None:
    assert choose_device("cpu", "auto").precision in ("float32", "bfloat16")


@pytest.mark.parametrize(
    ("times_slower", "heats", "winner"),
    [(100, 1, "float32"), (2, 2, "float32"), (0.9, 2, "float32"), (0.5, 2, "bfloat16")],
)
def test_no_product_of_a_tower_is_tried_where_a_small_one_takes_long(
    times_slower: float, heats: int, winner: str
) -> None:
    """Without instructions for bfloat16 one product of a tower takes seconds."""
    rows: list[int] = []

    def heat(height: int, _width: int, _columns: int) -> tuple[float, float]:
        rows.append(height)
        return 0.001, 0.001 * times_slower

    assert raced(heat) == winner
    assert rows == [16, 256][:heats]


def test_the_precision_that_was_asked_for_is_used() -> None:
    assert dtype_of(choose_device("cpu", "bfloat16")) is torch.bfloat16


@pytest.mark.gpu
def test_a_cuda_device_is_named_and_computes_in_half_precision() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    device = choose_device("auto")
    assert device.name == "cuda:0"
    assert device.reason.endswith("found")
    assert device.precision in ("bfloat16", "float16")
