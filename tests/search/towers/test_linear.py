from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from search.towers.linear import linear  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("count", [1, 2, 7, 64])
@pytest.mark.parametrize("with_bias", [True, False])
@torch.inference_mode()
def test_it_is_the_product_in_full_precision(count: int, with_bias: bool) -> None:
    torch.manual_seed(0)
    weight, bias = torch.randn(300, 256), torch.randn(300) if with_bias else None
    x = torch.randn(count, 256)
    exact = functional.linear(x.double(), weight.double(), None if bias is None else bias.double())
    torch.testing.assert_close(linear(weight, bias)(x).double(), exact, atol=1e-4, rtol=0)


@torch.inference_mode()
def test_a_transposed_weight_and_a_view_are_taken_as_they_are() -> None:
    weight = torch.randn(64, 90)
    x = torch.randn(3, 5, 64)[:, 0]
    torch.testing.assert_close(linear(weight.t(), None)(x), x @ weight, atol=1e-4, rtol=0)


@torch.inference_mode()
def test_a_weight_in_another_precision_or_place_works_too() -> None:
    weight = torch.randn(8, 4, dtype=torch.float64)
    x = torch.randn(2, 4, dtype=torch.float64)
    torch.testing.assert_close(linear(weight, None)(x), x @ weight.t())
