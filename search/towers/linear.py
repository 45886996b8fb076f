"""A linear layer whose weights are laid out once for the processor.

PyTorch multiplies float32 matrices with MKL, which on AMD leaves the wide instructions unused;
oneDNN, inside PyTorch as well, does not: twice as fast for batches of 1 to 64 on Zen, in the same
float32. Its weights want a layout of their own, so it is for layers that are used many times.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Linear = Callable[[Tensor], Tensor]


def linear(weight: Tensor, bias: Tensor | None) -> Linear:
    """x (n, in) -> x @ weight.T + bias, for `weight` (out, in). Copies the weight on a CPU."""
    packed = _packed(weight)
    if packed is None:
        return lambda x: functional.linear(x, weight, bias)

    def apply(x: Tensor) -> Tensor:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")
        return y

    return apply


def _packed(weight: Tensor) -> Tensor | None:
    """None where PyTorch has been built without these operators, or the weight is elsewhere."""
    if weight.device.type != "cpu":
        return None
    try:
        packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous())
    except (AttributeError, RuntimeError):
        return None
    return packed
