"""How a picture is brought to the square that a tower wants to see.

Equal to what open_clip's transforms give before ToTensor (open_clip/transform.py
`image_transform`, torchvision `Resize` and `CenterCrop`).
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from .records import Fit, Pixels, Preprocessing

OVERSAMPLING = 2  # a reduced decode keeps this many pixels for each one that a tower sees

_FILTERS = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
}


def prepare(image: Image.Image, preprocessing: Preprocessing) -> Pixels:
    """(1, size, size, 3) of an RGB picture."""
    fitted = _FITS[preprocessing.fit](image, preprocessing)
    return np.array(fitted, np.uint8)[np.newaxis]


def reducible_by(width: float, height: float, preprocessing: Preprocessing) -> float:
    """How many times smaller a picture may be and still serve this tower."""
    side = max(width, height) if preprocessing.fit is Fit.PAD else min(width, height)
    return side / (OVERSAMPLING * preprocessing.size)


def prepare_reduced(view: Image.Image, preprocessing: Preprocessing) -> Pixels:
    """`prepare`, after a cheap reduction where the thumbnail needed more pixels than the tower."""
    factor = int(reducible_by(view.width, view.height, preprocessing))
    return prepare(view.reduce(factor) if factor > 1 else view, preprocessing)


def _squash(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    return _resized(image, preprocessing.size, preprocessing.size, preprocessing)


def _crop(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    size = preprocessing.size
    width, height = _without_strips(image.width, image.height)
    if (width, height) != image.size:
        image = _centre(image, width, height)
    short, long = min(width, height), max(width, height)
    long = int(size * long / short)
    width, height = (size, long) if width <= height else (long, size)
    return _centre(_resized(image, width, height, preprocessing), size, size)


def _pad(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    size = preprocessing.size
    ratio = max(image.width, image.height) / size
    width, height = max(1, round(image.width / ratio)), max(1, round(image.height / ratio))
    square = Image.new("RGB", (size, size), (preprocessing.fill,) * 3)
    small = _resized(image, width, height, preprocessing)
    square.paste(small, ((size - width) // 2, (size - height) // 2))
    return square


_FITS = {Fit.SQUASH: _squash, Fit.CROP: _crop, Fit.PAD: _pad}


def _resized(
    image: Image.Image, width: int, height: int, preprocessing: Preprocessing
) -> Image.Image:
    if image.size == (width, height):
        return image
    return image.resize((width, height), _FILTERS[preprocessing.interpolation])


def _centre(image: Image.Image, width: int, height: int) -> Image.Image:
    top, left = round((image.height - height) / 2), round((image.width - width) / 2)
    return image.crop((left, top, left + width, top + height))


def _without_strips(width: int, height: int, most: int = 16) -> tuple[int, int]:
    """A strip of 1 x 30000 px is cut first: enlarging it whole would take gigabytes."""
    return min(width, height * most), min(height, width * most)
