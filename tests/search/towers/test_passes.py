"""More than fits is taken in parts, whichever way torch says that it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from search.errors import EncoderError  # noqa: E402
from search.towers.passes import Passes  # noqa: E402

pytestmark = pytest.mark.torch

REFUSALS = [
    torch.OutOfMemoryError("no room"),
    RuntimeError("CUDA error: out of memory"),
    RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
]


class Device:
    """Has memory for so many at once."""

    def __init__(self, most: int, refusal: RuntimeError = REFUSALS[0]) -> None:
        self.most = most
        self.refusal = refusal
        self.seen: list[int] = []

    def doubled(self, batch: Any) -> list[int]:
        self.seen.append(len(batch))
        if len(batch) > self.most:
            raise self.refusal
        return [int(number) * 2 for number in batch]


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
@pytest.mark.parametrize("make", [np.arange, torch.arange])
def test_what_does_not_fit_is_halved_and_nothing_is_lost(refusal: RuntimeError, make: Any) -> None:
    device = Device(3, refusal)
    parts = Passes("too small").of(make(10), device.doubled)
    assert [number for part in parts for number in part] == list(range(0, 20, 2))
    assert max(map(len, parts)) <= 3


def test_what_fitted_is_remembered_and_a_bound_is_kept_from_the_start() -> None:
    device, passes = Device(3), Passes("too small", at_most=8)
    passes.of(np.arange(10), device.doubled)
    assert max(device.seen) <= 8
    device.seen.clear()
    passes.of(np.arange(10), device.doubled)
    assert max(device.seen) <= 3


def test_a_single_one_that_does_not_fit_is_refused_in_our_words() -> None:
    with pytest.raises(EncoderError, match="too small"):
        Passes("too small").of(np.arange(3), Device(0).doubled)


def test_any_other_error_is_left_as_it_is() -> None:
    with pytest.raises(RuntimeError, match="a bug"):
        Passes("too small").of(np.arange(3), Device(0, RuntimeError("a bug")).doubled)
