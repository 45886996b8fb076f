"""Photograph-like JPEGs to measure with, drawn into a folder: smooth shapes, texture, sensor noise.

Their size in bytes per pixel is that of a camera's JPEG (about 0.2 to 0.3 at quality 90), so that
decoding costs what it costs for photographs.
"""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

DIFFERENT = 64
MEGAPIXEL = (1224, 816)  # 3:2, as cameras do


def draw_photographs(
    folder: Path, count: int, size: tuple[int, int] = MEGAPIXEL, *, quality: int = 90
) -> list[Path]:
    """`count` different files, in folders of 200; old enough for a scan to trust their stamps.

    The pixels repeat after DIFFERENT of them: drawing takes longer than all that is measured. A
    comment with the number makes each file a content of its own.
    """
    drawn = [_encoded(number, size, quality) for number in range(min(count, DIFFERENT))]
    paths = []
    for number in range(count):
        path = folder / f"{number // 200:03d}" / f"{number:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_commented(drawn[number % DIFFERENT], number))
        _age(path)
        paths.append(path)
    return paths


def draw_small(folder: Path, count: int) -> None:
    """`count` different PNGs of 32 x 32 px: costs are those of handling files, not of pixels."""
    for number in range(count):
        path = folder / f"{number // 200:03d}" / f"{number:06d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(path, compress_level=0)
        _age(path)


def _encoded(seed: int, size: tuple[int, int], quality: int) -> bytes:
    file = BytesIO()
    _photograph(seed, size).save(file, "JPEG", quality=quality)
    return file.getvalue()


def _commented(jpeg: bytes, number: int) -> bytes:
    text = str(number).encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def _photograph(seed: int, size: tuple[int, int]) -> Image.Image:
    """Noise at several scales, as in nature (about 1/f), over two flat shapes."""
    rng = np.random.default_rng(seed)
    width, height = size
    image = np.full((height, width, 3), rng.uniform(60, 190, 3), np.float32)
    for cells, strength in ((4, 60), (16, 30), (64, 16), (256, 9)):
        shape = (cells * height // width + 1, cells, 3)
        layer = rng.integers(0, 256, shape, np.uint8)
        grown = Image.fromarray(layer).resize(size, Image.Resampling.BICUBIC)
        image += (np.asarray(grown, np.float32) - 128) * (strength / 74)
    for _ in range(2):
        left, top = rng.integers(0, width // 2), rng.integers(0, height // 2)
        box = np.s_[top : top + height // 3, left : left + width // 4]
        image[box] += rng.uniform(-80, 80, 3)
    image += rng.standard_normal((height, width, 1), np.float32) * 3.5
    return Image.fromarray(image.clip(0, 255).astype(np.uint8)).filter(
        ImageFilter.UnsharpMask(1, 60, 2)
    )


def _age(path: Path) -> None:
    then = time.time() - 3600
    os.utime(path, (then, then))
