"""Training the upper part of a pretrained stem at a speed that two CPU cores can bear.

On a CPU the backward pass of these convolutions was nine tenths of a step: the stages that learn
saw 1,460 pictures a second forward and 85 while training (Lite0, 160 px, two cores). So the
depthwise kernels stay as they are, their input's gradient is a forward convolution with the kernel
turned round, and the 1 x 1 convolutions, which hold nearly all weights, become matrix products.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


def unfreeze(stem: nn.Sequential, first: int) -> None:
    """Stages of `stem` before `first` stay frozen; the others learn, their depthwise kernels not.

    Changes how the modules compute, not what: answers and the names of weights stay.
    """
    stem[:first].requires_grad_(False)
    for module in stem[first:].modules():
        if isinstance(module, nn.ReLU6):
            module.inplace = False  # what it would write over is a view of a product
        if isinstance(module, nn.Conv2d) and module.groups == module.in_channels:
            module.requires_grad_(False)
            module.forward = _Depthwise(module)  # type: ignore[method-assign, assignment]
        elif isinstance(module, nn.Conv2d) and module.kernel_size == (1, 1):
            module.forward = _Pointwise(module)  # type: ignore[method-assign, assignment]


class _Pointwise:
    """A 1 x 1 convolution of stride 1 as a product over channels."""

    def __init__(self, conv: nn.Conv2d) -> None:
        self.conv = conv

    def __call__(self, x: Tensor) -> Tensor:
        weight = self.conv.weight[:, :, 0, 0]
        return functional.linear(x.permute(0, 2, 3, 1), weight, self.conv.bias).permute(0, 3, 1, 2)


class _Depthwise:
    """A depthwise convolution whose kernel does not learn; timm's "same" padding where it pads."""

    def __init__(self, conv: nn.Conv2d) -> None:
        self.conv = conv

    def __call__(self, x: Tensor) -> Tensor:
        conv = self.conv
        (kernel, _), (stride, _) = conv.kernel_size, conv.stride
        # stride 1: (kernel - 1) / 2 on each side; stride 2: as TensorFlow, the odd one at the end
        pads = [max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in x.shape[-2:]]
        rows, columns = pads
        around = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
        padded = functional.pad(x, around)
        answer: Tensor = _Fixed.apply(padded, conv.weight, conv.bias, stride)
        return answer


class _Fixed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.stride, ctx.shape = stride, x.shape
        return functional.conv2d(x, weight, bias, stride, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        (weight,) = ctx.saved_tensors
        kernel, (height, width) = weight.shape[-1], ctx.shape[-2:]
        if ctx.stride > 1:
            apart = grad.new_zeros(*grad.shape[:2], height - kernel + 1, width - kernel + 1)
            apart = apart.contiguous(memory_format=torch.channels_last)
            apart[:, :, :: ctx.stride, :: ctx.stride] = grad
            grad = apart
        turned = weight.flip(2, 3).to(grad.dtype)
        back = functional.conv2d(grad, turned, padding=kernel - 1, groups=len(weight))
        return back, None, None, None
