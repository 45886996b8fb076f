"""Small picture files for the tests of the ingest."""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

LONG_AGO = time.time() - 86400


def noise(seed: int, width: int = 24, height: int = 18) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def encoded(image: Image.Image, format_: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def write_picture(path: Path, seed: int, *, age: float = 86400, size: int = 24) -> Path:
    """A picture of its own for each seed, as old as the scan needs it to trust its stamp."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(noise(seed, size)))
    set_age(path, age)
    return path


def set_age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))
