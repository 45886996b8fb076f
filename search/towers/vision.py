"""Image towers of our own: each gives latents, and tokens for a caption decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import timm
import torch
from timm.models.vision_transformer import Block
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval


class GridTower(nn.Module):
    """Transformer blocks over the cells of a convolutional stem, one token each."""

    def __init__(
        self, channels: int, dim: int, depth: int, heads: int, grid: int, embed: int
    ) -> None:
        super().__init__()
        self.proj = nn.Linear(channels, dim)
        self.position = nn.Parameter(torch.randn(1, dim, grid, grid) * 0.02)
        self.blocks = nn.Sequential(
            *(Block(dim, heads, 4, qkv_bias=True, init_values=0.1) for _ in range(depth))
        )
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, embed)

    def cells(self, pixels: Tensor) -> Tensor:
        """Pixels (n, 3, s, s) in [-1, 1] -> (n, channels, grid, grid)."""
        raise NotImplementedError

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (n, 3, s, s) in [-1, 1] -> latents (n, embed) of any length; tokens.

        Tokens are (n, grid^2, dim), row by row.
        """
        grid = self.cells(pixels)
        tokens = self.proj(_flat(grid)) + _flat(self._position_on(grid))
        tokens = self.norm(self.blocks(tokens))
        return self.head(tokens.mean(1)), tokens

    def _position_on(self, grid: Tensor) -> Tensor:
        size = grid.shape[-2:]
        if self.position.shape[-2:] == size:
            return self.position
        return functional.interpolate(self.position, size, mode="bilinear", align_corners=False)


class HybridTower(GridTower):
    """ResNet-D stages down to stride 16: one cell per 16 x 16 pixels.

    On two CPU cores, and from nothing, this stem learns faster than patches do.
    """

    def __init__(
        self,
        stem: str = "resnet18d",
        dim: int = 256,
        depth: int = 4,
        heads: int = 4,
        grid: int = 6,
        embed: int = 256,
    ) -> None:
        net = timm.create_model(stem, pretrained=False, features_only=True, out_indices=(3,))
        super().__init__(net.feature_info.channels()[-1], dim, depth, heads, grid, embed)
        self.stem = net

    def cells(self, pixels: Tensor) -> Tensor:
        cells: Tensor = self.stem(pixels)[-1]
        return cells


class EfficientNetTower(GridTower):
    """An EfficientNet-Lite for a stem: one cell per 32 x 32 pixels.

    A cell is what the last stage says of it, beside the four finer ones of stride 16 below it. The
    stem has no norms: those of pretrained weights are folded into the convolutions before them
    (`training.pretrained`): twice as fast on two CPU cores. From nothing it learns badly.

    `entry` stays in float32: bfloat16 there turned vectors by up to 5 degrees, bfloat16 in all the
    rest by up to 2.6 (239 pictures).
    """

    FINE = 4  # stages of the stem down to stride 16

    def __init__(
        self,
        stem: str = "tf_efficientnet_lite0",
        dim: int = 256,
        depth: int = 4,
        heads: int = 4,
        grid: int = 5,
        embed: int = 256,
    ) -> None:
        net: Any = without_norms(timm.create_model(stem, pretrained=False, num_classes=0))
        fine, coarse = (net.feature_info[i]["num_chs"] for i in (-2, -1))
        super().__init__(4 * fine + coarse, dim, depth, heads, grid, embed)
        self.entry, self.stem = efficientnet_parts(net)
        self.enter = nn.LayerNorm(4 * fine + coarse)

    def cells(self, pixels: Tensor) -> Tensor:
        fine = self.stem[: self.FINE](self.entry(pixels).to(self.proj.weight.dtype))
        coarse = self.stem[self.FINE :](fine)
        odd = fine.shape[-1] % 2
        four = functional.pixel_unshuffle(functional.pad(fine, (0, odd, 0, odd)), 2)
        cells = torch.cat([coarse, four], 1).permute(0, 2, 3, 1)
        entered: Tensor = self.enter(cells)
        return entered.permute(0, 3, 1, 2)


class Float32(nn.Sequential):
    """Computes in float32, whatever the modules around it were turned to."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            answer: Tensor = super().forward(x.float())  # type: ignore[no-untyped-call]
        return answer

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Float32:
        """What `to` and its like go through: another device or layout, but no other type."""

        def typed(t: Tensor) -> Tensor:
            return torch.empty_like(fn(t), dtype=t.dtype).copy_(t)

        super()._apply(typed, recurse)  # type: ignore[no-untyped-call]
        return self


def efficientnet_parts(net: Any) -> tuple[Float32, nn.Sequential]:
    """timm's EfficientNet as (down to stride 2, the six stages above)."""
    return Float32(net.conv_stem, net.bn1, net.blocks[0]), nn.Sequential(*net.blocks[1:])


def without_norms(net: nn.Module) -> nn.Module:
    """`net` with each batch norm folded into the convolution before it; activations stay.

    Changes `net`. Its answers stay as they were in evaluation.
    """
    before: nn.Conv2d | None = None
    for name, part in net.named_children():
        if isinstance(part, nn.BatchNorm2d) and before is not None:
            fused = fuse_conv_bn_eval(before.eval(), part.eval())
            before.weight, before.bias = fused.weight, fused.bias
            before.requires_grad_()  # the new bias came without
            setattr(net, name, getattr(part, "act", nn.Identity()))
        else:
            without_norms(part)
        before = part if isinstance(part, nn.Conv2d) else None
    return net


class TimmTower(nn.Module):
    """Any network that timm names, convolutional or ViT; its last features become the tokens."""

    def __init__(
        self,
        name: str = "resnet18d",
        dim: int = 256,
        embed: int = 256,
        options: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.net = timm.create_model(name, pretrained=False, num_classes=0, **(options or {}))
        self.proj = nn.Linear(self.net.num_features, dim)
        self.head = nn.Linear(dim, embed)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """As HybridTower; the number of tokens is the network's own."""
        features = self.net.forward_features(pixels)
        if features.ndim == 4:
            features = _flat(features)
        tokens = self.proj(features[:, getattr(self.net, "num_prefix_tokens", 0) :])
        return self.head(tokens.mean(1)), tokens


def build_tower(spec: dict[str, Any]) -> nn.Module:
    """A tower with fresh weights: {"kind": "hybrid", "efficientnet" or "timm", "args": {...}}."""
    kinds: dict[str, type[nn.Module]] = {
        "hybrid": HybridTower,
        "efficientnet": EfficientNetTower,
        "timm": TimmTower,
    }
    return kinds[spec["kind"]](**spec["args"])


def _flat(grid: Tensor) -> Tensor:
    """(n, d, h, w) -> (n, h * w, d)."""
    return grid.flatten(2).transpose(1, 2)
