"""Pictures to test with: plain, noisy, dated, of any size and format, in memory or on disk."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Colour = tuple[int, int, int]

_EXIF_FOLDER, _TAKEN, _TAKEN_OFFSET, _ORIENTATION = 0x8769, 0x9003, 0x9011, 0x0112


def plain(colour: Colour, width: int = 60, height: int = 40) -> Image.Image:
    """One colour, nothing else."""
    return Image.new("RGB", (width, height), colour)


def numbered(colour: Colour, number: int, width: int = 40, height: int = 30) -> Image.Image:
    """One colour, and a number in a corner that makes it another picture than the next one."""
    image = plain(colour, width, height)
    image.putpixel((0, 0), (number % 256, number // 256, 7))
    return image


def noise(seed: int = 0, width: int = 24, height: int = 18) -> Image.Image:
    """A picture of its own for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def speckled(colour: Colour, seed: int = 0, side: int = 48) -> Image.Image:
    """About one colour, with the grain of a photograph."""
    grain = np.random.default_rng(seed).integers(-20, 20, (side, side, 3))
    return Image.fromarray(np.clip(np.array(colour) + grain, 0, 255).astype(np.uint8))


def encoded(image: Image.Image, format_: str = "PNG", **options: Any) -> bytes:
    """The bytes of a file; `options` are Pillow's, `exif=exif(...)` among them."""
    file = BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def jpeg(
    colour: Colour, size: tuple[int, int] = (60, 40), taken_at: datetime | None = None
) -> bytes:
    """A plain picture as a camera would leave it."""
    options = {} if taken_at is None else {"exif": exif(taken_at)}
    return encoded(plain(colour, *size), "JPEG", **options)


def noise_jpeg(least_bytes: int, seed: int = 0) -> bytes:
    """A JPEG of at least so many bytes, at most twice as many: noise that nothing compresses."""
    side = max(8, int((least_bytes / 2) ** 0.5))
    while True:
        data = encoded(noise(seed, side, side), "JPEG", quality=100, subsampling=0)
        if len(data) >= least_bytes:
            return data
        side += side // 16 + 1


def exif(taken_at: datetime | None = None, orientation: int | None = None) -> Image.Exif:
    """EXIF with the time of the shot (and its UTC offset, where it has one), and a turn."""
    found = Image.Exif()
    if orientation is not None:
        found[_ORIENTATION] = orientation
    if taken_at is not None:
        found.get_ifd(_EXIF_FOLDER)[_TAKEN] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
        if (offset := taken_at.utcoffset()) is not None:
            found.get_ifd(_EXIF_FOLDER)[_TAKEN_OFFSET] = _clock(offset)
    return found


def _clock(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def write_picture(path: Path, seed: int, *, age: float = 86400, size: int = 24) -> Path:
    """A picture of its own for each seed, as old as the scan needs it to trust its stamp."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(noise(seed, size)))
    set_age(path, age)
    return path


def set_age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))
