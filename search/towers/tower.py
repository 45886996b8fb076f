"""The embedded model: a small CoCa with an image tower of our own.

    model, tokenizer, config = load_model(folder)
    model.encode_image(pixels)   # (n, 3, s, s) float32 in [-1, 1] -> (n, embed), unit length
    model.encode_text(ids)       # (n, context) int64 -> (n, embed), unit length
    latents, tokens = model.visual(pixels)   # the tokens feed the caption decoder

The rest is open_clip's: `model.text`, `model.text_decoder`, `model.logit_scale`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import timm
import torch
from open_clip.coca_model import CoCa
from safetensors.torch import load_file
from timm.models.vision_transformer import Block
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..errors import ModelUnavailableError

PAD, UNK, BOS, EOS, EN, ZH = range(6)  # EN and ZH begin a caption in that language
SPECIAL_TOKENS = ("<pad>", "<unk>", "<bos>", "<eos>", "<en>", "<zh>")
LANGUAGE_TOKENS = {"en": EN, "zh": ZH}

Config = dict[str, Any]  # what config.json holds: embed, size, tower, text, decoder

_CHINESE = r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]"


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
    (`training.begin`), which makes it twice as fast on two CPU cores. From nothing it learns badly.

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


def build_tower(spec: Config) -> nn.Module:
    """A tower with fresh weights: {"kind": "hybrid", "efficientnet" or "timm", "args": {...}}."""
    kinds: dict[str, type[nn.Module]] = {
        "hybrid": HybridTower,
        "efficientnet": EfficientNetTower,
        "timm": TimmTower,
    }
    return kinds[spec["kind"]](**spec["args"])


def build_model(config: Config) -> CoCa:
    """A CoCa with fresh weights.

    Its embedding, text and decoder widths must be equal: open_clip's decoder has no projection
    between them.
    """
    text, decoder = config["text"], config["decoder"]
    shape = {name: text[name] for name in ("context_length", "vocab_size", "width", "heads")}
    model = CoCa(
        embed_dim=config["embed"],
        text_cfg={**text, "embed_cls": True, "output_tokens": True, "pad_id": PAD},
        multimodal_cfg={**decoder, **shape},
        vision_cfg={"image_size": 32, "patch_size": 32, "layers": 1, "width": 64},
    )
    model.visual = build_tower(config["tower"])  # open_clip's own was a placeholder
    nn.init.normal_(model.text_decoder.text_projection, std=text["width"] ** -0.5)  # left unset
    return model


def load_model(folder: Path) -> tuple[CoCa, Tokenizer, Config]:
    """The model of a folder, in float32, ready to answer; ModelUnavailableError if damaged."""
    try:
        config = json.loads((folder / "config.json").read_text())
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        model = _assemble(config, load_file(folder / "model.safetensors"))
    except Exception as error:  # each library has errors of its own for a damaged file
        raise ModelUnavailableError(f"{folder}: {error}") from error
    return model.eval(), tokenizer, config


def encode(
    tokenizer: Tokenizer,
    texts: Sequence[str],
    length: int,
    first: int | Sequence[int] = BOS,
) -> Tensor:
    """(n, length) int64: `first`, the text, EOS, PAD...; a long text is cut before its EOS."""
    firsts = [first] * len(texts) if isinstance(first, int) else first
    ids = torch.full((len(texts), length), PAD, dtype=torch.int64)
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    for row, begin, encoding in zip(ids, firsts, encodings, strict=True):
        sequence = [begin, *encoding.ids[: length - 2], EOS]
        row[: len(sequence)] = torch.tensor(sequence)
    return ids


def words(tokenizer: Tokenizer, ids: Iterable[int]) -> str:
    """Readable text of token ids, without the special ones; Chinese is written without spaces."""
    text = tokenizer.decode([int(i) for i in ids if i > ZH]).replace(" ##", "")
    text = re.sub(rf"(?<={_CHINESE}) *, *", "，", text)  # the tokenizer writes all commas alike
    text = re.sub(rf"(?<={_CHINESE}) +| +(?={_CHINESE})", "", text)
    text = re.sub(r"(?<=\w) ?(['-]) ?(?=\w)", r"\1", text)  # t-shirt, dog's
    return re.sub(r" +([,.!?'])", r"\1", text)


def _flat(grid: Tensor) -> Tensor:
    """(n, d, h, w) -> (n, h * w, d)."""
    return grid.flatten(2).transpose(1, 2)


def _assemble(config: Config, weights: dict[str, Tensor]) -> CoCa:
    """Weights become the parameters themselves: nothing is initialised only to be overwritten."""
    with torch.device("meta"):
        model = build_model(config)
    model.load_state_dict({k: _float32(v) for k, v in weights.items()}, assign=True)
    model.text.attn_mask = model.text.build_causal_mask()  # the masks are in no file
    model.text_decoder.attn_mask = model.text_decoder.build_attention_mask()
    return model


def _float32(weight: Tensor) -> Tensor:
    return weight.float() if weight.is_floating_point() else weight


__all__ = [
    "BOS",
    "EN",
    "EOS",
    "LANGUAGE_TOKENS",
    "PAD",
    "SPECIAL_TOKENS",
    "UNK",
    "ZH",
    "CoCa",
    "Config",
    "EfficientNetTower",
    "GridTower",
    "HybridTower",
    "TimmTower",
    "build_model",
    "build_tower",
    "efficientnet_parts",
    "encode",
    "load_model",
    "without_norms",
    "words",
]
