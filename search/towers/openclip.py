"""OpenClipEncoder: an image tower and a text tower of any open_clip model, as one Encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .. import models
from ..errors import EncoderError, NoVectorError
from ..records import Device, EncoderInfo, ImageFeatures, Pixels, Preprocessing, Vectors
from . import checkpoint
from .checkpoint import Checkpoint
from .device import choose_device, dtype_of
from .passes import Passes
from .texttower import encode_ids
from .tokenization import Reader

TEXTS_AT_ONCE = 256
PICTURES_AT_ONCE_ON_A_CPU = 16  # nearly as fast as 64; an ingest peaks at 1.45, not 1.68 GB


class OpenClipEncoder:
    """Both towers of one model on one device. May be called from several threads.

    Only the image tower runs in the device's precision; texts, of which there are few, and the
    caption decoder stay in float32.
    """

    def __init__(self, model: Checkpoint, device: Device) -> None:
        self.info = EncoderInfo(model.name, model.dim, model.fingerprint)
        self.preprocessing: Preprocessing = model.preprocessing
        self.device = device
        self.reader: Reader = model.reader
        self.network: Any = model.network.requires_grad_(False).eval().to(device.name)
        self.logit_scale: float | None = _logit_scale(self.network)
        # channels_last: 1.2 times faster for a convolutional stem on a CPU, equal for patches
        self.network.visual.to(dtype_of(device)).to(memory_format=torch.channels_last)
        self._mean = self._per_channel(model.preprocessing.mean)
        self._std = self._per_channel(model.preprocessing.std)
        at_most = PICTURES_AT_ONCE_ON_A_CPU if device.name == "cpu" else None
        self._passes = Passes(no_room(self.info, device), at_most)

    def encode_images(self, pixels: Pixels) -> ImageFeatures:
        """(n, size, size, 3) uint8 -> n unit vectors, and the tokens of a model that captions.

        A batch too large for the device is halved until it fits.
        """
        size = self.preprocessing.size
        if pixels.dtype != np.uint8 or pixels.shape[1:] != (size, size, 3):
            raise EncoderError(
                f"{self.info.name}: wants uint8 (n, {size}, {size}, 3), "
                f"got {pixels.dtype} {pixels.shape}"
            )
        if not len(pixels):
            return ImageFeatures(np.empty((0, self.info.dim), np.float32))
        with torch.inference_mode():
            latents, tokens = self._look(pixels)
            return ImageFeatures(self._unit(latents), tokens)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) unit vectors; what is beyond the context is cut."""
        if not texts:
            return np.empty((0, self.info.dim), np.float32)
        with torch.inference_mode():
            ids = self.reader.ids(texts).to(self.device.name)
            parts = [encode_ids(self.network, part) for part in torch.split(ids, TEXTS_AT_ONCE)]
            return self._unit(torch.cat(parts))

    def fits(self, text: str) -> bool:
        return self.reader.fits(text)

    def vocabulary(self) -> Sequence[str]:
        return self.reader.vocabulary()

    def _look(self, pixels: Pixels) -> tuple[Tensor, Tensor | None]:
        """Latents (n, dim) and tokens, in as many passes as the device's memory asks for."""
        return _joined(self._passes.of(pixels, self._pass))

    def _pass(self, pixels: Pixels) -> tuple[Tensor, Tensor | None]:
        seen = self.network.visual(self._normalised(pixels))
        return seen if isinstance(seen, tuple) else (seen, None)

    def _normalised(self, pixels: Pixels) -> Tensor:
        """Bytes travel, arithmetic happens on the device; NHWC seen as NCHW is channels_last."""
        x = (
            torch.from_numpy(np.require(pixels, requirements=["C", "W"]))
            .to(self.device.name)
            .permute(0, 3, 1, 2)
            .float()
        )
        return x.div_(255).sub_(self._mean).div_(self._std).to(dtype_of(self.device))

    def _per_channel(self, values: tuple[float, float, float]) -> Tensor:
        return torch.tensor(values, device=self.device.name).view(1, 3, 1, 1)

    def _unit(self, latents: Tensor) -> Vectors:
        """Rows of unit length on the host; NoVectorError rather than a zero or a NaN."""
        latents = latents.float()
        lengths = latents.norm(dim=-1)
        if not (torch.isfinite(lengths) & (lengths > 1e-12)).all():
            raise NoVectorError(
                f"{self.info.name}: a tower gave a zero or non-finite vector in "
                f"{self.device.precision} on {self.device.name}; try the setting precision=float32"
            )
        vectors: Vectors = functional.normalize(latents, dim=-1).cpu().numpy()
        return vectors


def open_encoder(name: str, *, device: str = "auto", precision: str = "auto") -> OpenClipEncoder:
    """The encoder of a model's name (see models.py), loaded and on its device."""
    return OpenClipEncoder(checkpoint.load(models.resolve(name)), choose_device(device, precision))


def _logit_scale(network: Any) -> float | None:
    """The inverse temperature; what is trained is its logarithm."""
    scale = getattr(network, "logit_scale", None)
    return None if scale is None else float(scale.exp())


def no_room(info: EncoderInfo, device: Device) -> str:
    return (
        f"{info.name}: {device.name} has no memory for a single picture; "
        "use a smaller model or --device cpu"
    )


def _joined(parts: list[tuple[Tensor, Tensor | None]]) -> tuple[Tensor, Tensor | None]:
    tokens = [part for _, part in parts if part is not None]
    return torch.cat([latents for latents, _ in parts]), torch.cat(tokens) if tokens else None
