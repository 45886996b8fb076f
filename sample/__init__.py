"""The sample collection: pictures of a small shop and an album, drawn by our own code.

`catalogue` lists them, `canvas` lights them, the other modules know what an apple looks like.
Nothing is downloaded; the same seed gives the same pictures.
"""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path, PurePosixPath
from zlib import crc32

import numpy as np
from PIL import Image, features

from search.errors import SettingsError

from .canvas import Canvas
from .catalogue import ALBUM, Sketch, catalogue

__all__ = ["draw_collection"]

_MARK = ".pomona-sample"
_VERSION = 1
_COPIES = {"favourites/red-apple.jpg": "fruit/red-apple-01.jpg"}  # one picture, two places
_UNDO = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}  # what a camera held that way stores, from the upright picture


def draw_collection(folder: Path, seed: int = 0, setting: str | None = None) -> list[Path]:
    """Draw the collection into `folder` and return its files; what is there already is kept.
    `setting`: only pictures of that one.

    A folder that holds anything else than an earlier sample is left alone: SettingsError.
    """
    mark = f"Pomona sample collection, version {_VERSION}, seed {seed}\n"
    fresh = _claim(folder, mark)
    wanted = [
        (_named(sketch), sketch) for sketch in catalogue() if setting in (None, sketch.setting)
    ]
    todo = [(name, s) for name, s in wanted if fresh or not (folder / name).exists()]
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for name, data in pool.map(lambda item: (item[0], draw(item[1], seed)), todo):
            _write(folder / name, data)
    for copy, original in _COPIES.items():
        if fresh or not (folder / copy).exists():
            _write(folder / copy, (folder / original).read_bytes())
    _write(folder / _MARK, mark.encode())
    return [folder / name for name in (*(name for name, _ in wanted), *_COPIES)]


def draw(sketch: Sketch, seed: int = 0) -> bytes:
    """The bytes of one picture's file."""
    rng = np.random.default_rng([seed, crc32(sketch.path.encode())])
    suffix = PurePosixPath(_named(sketch)).suffix
    if sketch.setting == ALBUM:
        canvas = Canvas(*sketch.size, rng)
        canvas.backdrop((226, 222, 214), (196, 190, 180))
    else:
        shift = rng.uniform(-0.03, 0.03, 2)
        canvas = Canvas(
            *sketch.size,
            rng,
            zoom=sketch.zoom * rng.uniform(0.97, 1.03),
            tilt=rng.uniform(-2.5, 2.5),
            offset=(shift[0], shift[1]),
        )
        white, warmth = rng.uniform(244, 253), rng.uniform(-3, 3)
        canvas.backdrop(
            (white, white, white - warmth), (white - 18, white - 19, white - 20 - warmth)
        )
    sketch.paint(canvas)
    transparent = suffix == ".png" and sketch.setting != ALBUM
    return _encoded(canvas.cutout() if transparent else canvas.picture(), suffix, sketch)


def _encoded(picture: Image.Image, suffix: str, sketch: Sketch) -> bytes:
    out = io.BytesIO()
    if suffix == ".jpg":
        turned = (
            picture.transpose(_UNDO[sketch.orientation]) if sketch.orientation in _UNDO else picture
        )
        turned.save(out, "JPEG", quality=90, exif=_exif(sketch.taken_at, sketch.orientation))
    elif suffix == ".gif":
        picture.quantize(128, dither=Image.Dither.FLOYDSTEINBERG).save(out, "GIF")
    elif suffix in (".webp", ".avif"):
        picture.save(out, suffix[1:].upper(), quality=85)
    else:
        picture.save(out, {".png": "PNG", ".bmp": "BMP", ".tiff": "TIFF"}[suffix])
    return out.getvalue()


def _exif(taken_at: datetime | None, orientation: int) -> Image.Exif:
    exif = Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    if taken_at is not None:
        exif.get_ifd(0x8769)[0x9003] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    return exif


def _named(sketch: Sketch) -> str:
    """Its path; AVIF becomes WebP where Pillow was built without it."""
    path = PurePosixPath(sketch.path)
    missing = path.suffix == ".avif" and not features.check("avif")
    return str(path.with_suffix(".webp") if missing else path)


def _claim(folder: Path, mark: str) -> bool:
    """Make sure that the folder is ours; True if all pictures are to be drawn anew."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        inside = {entry.name for entry in folder.iterdir()}
    except OSError as error:
        raise SettingsError(f"{folder}: cannot draw the sample there ({error.strerror})") from error
    if not inside:
        _write(folder / _MARK, f"unfinished: {mark}".encode())
    elif _MARK not in inside:
        raise SettingsError(
            f"{folder}: holds other files; the sample needs an empty folder or one of its own"
        )
    try:
        return (folder / _MARK).read_text() not in (mark, f"unfinished: {mark}")
    except OSError as error:
        raise SettingsError(f"{folder}: cannot draw the sample there ({error.strerror})") from error


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    partial.replace(path)
