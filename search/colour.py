"""Any Pillow mode -> upright-ready RGB, 8 bits a channel. Transparency ends on white.

Embedded colour profiles are left alone: a wide-gamut photo looks a little paler, never wrong.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

FULL_RANGE = ("PNG", "HEIF", "AVIF")  # formats whose 16-bit samples always mean 0 to 65535


def to_rgb(image: Image.Image) -> Image.Image:
    """A picture in mode RGB. `image` must be loaded."""
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(_grey(image)).convert("RGB")
    if image.mode == "LAB":
        converted = ImageCms.applyTransform(image, _lab_to_rgb())
        assert converted is not None  # None only for inPlace
        return converted
    if image.mode == "La":
        image = image.convert("LA")
    if image.has_transparency_data:
        return _flatten(image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _flatten(image: Image.Image) -> Image.Image:
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    """Samples of more than 8 bits, scaled by their range.

    `Image.convert` would clip them at 255: a 16-bit photo becomes white without an error.
    """
    values = np.asarray(image)
    if values.dtype.kind == "u":
        top = 65535 if image.format in FULL_RANGE else _full_scale(float(values.max()))
        table = (np.arange(65536) * (255 / top)).clip(0, 255).round().astype(np.uint8)
        return table[values.astype(np.uint16)]
    finite = np.isfinite(values)
    values = np.where(finite, values, 0).astype(np.float32)
    low, high = float(values.min()), float(values.max())
    if low < 0:
        values, high = values - low, high - low
    top = 1.0 if 0 < high <= 1 else _full_scale(high)
    if low < 0:
        top = high
    return (values * (255 / top)).clip(0, 255).round().astype(np.uint8)


def _full_scale(highest: float) -> float:
    """White of samples up to `highest`: all ones in as many bits as that takes, at least 8.

    TIFF says 16 bits for cameras and scanners of 10, 12 and 14.
    """
    return float((1 << max(8, int(highest).bit_length())) - 1)


@cache
def _lab_to_rgb() -> Any:
    return ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
