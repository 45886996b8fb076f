"""Bytes of a file -> an upright RGB picture within limits: thumbnail and tower input in one decode.

Everything that can go wrong with one picture comes out as an ImageError with its Reason. This runs
in the process that calls it; `indexer/decoding/` gives it processes of its own, which may die.
"""

from __future__ import annotations

import hashlib
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

import pi_heif
from PIL import Image

from . import exif, fingerprint, palette
from .colour import to_rgb
from .fitting import prepare_reduced, reducible_by
from .formats import SUPPORTED
from .jpeg import refuse_endless
from .limits import QUERY_MEGAPIXELS
from .records import Crop, DecodedImage, Preprocessing
from .refusals import note, refusal, refuse_raw, said_by
from .thumbnails import SIDE, encode

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
_REDUCIBLE = ("L", "RGB", "RGBA", "CMYK", "YCbCr")

pi_heif.register_heif_opener()
_pillow_limits = threading.Lock()  # Pillow's pixel limit and Python's warning filters are global


class LocalDecoder:
    """A Decoder in this process: for tests, scripts and trusted pictures, one at a time."""

    def __init__(self, max_pixels: int = QUERY_MEGAPIXELS * 1_000_000, setting: str = "") -> None:
        """`setting` is the one that `max_pixels` comes from."""
        self._max_pixels = max_pixels
        self._setting = setting

    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        return decode(
            data, wanted, uri=uri, max_pixels=self._max_pixels, crop=crop, setting=self._setting
        )


def decode(
    data: bytes,
    wanted: Sequence[Preprocessing],
    *,
    uri: str,
    max_pixels: int,
    crop: Crop | None = None,
    setting: str = "",
) -> DecodedImage:
    """One decode feeds the thumbnail and an array for each of `wanted`.

    `crop` cuts the upright picture first. Raises ImageError, whatever happens inside.
    """
    refuse_raw(uri)
    try:
        with _limited_to(max_pixels):
            return _decode(data, wanted, crop)
    except Exception as error:
        refused = refusal(error, data, uri, max_pixels, setting)
        note(uri, refused.reason, said_by(error))
        raise refused from error


def thumbnail_of(image: Image.Image, side: int = SIDE) -> bytes:
    """The thumbnail of an RGB picture, its long side at most `side` px, without any metadata."""
    return encode(shrunk(image, side))


def shrunk(image: Image.Image, side: int = SIDE) -> Image.Image:
    """Its long side at most `side` px."""
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.HAMMING)  # bicubic's look at half its cost
    return small


def _decode(data: bytes, wanted: Sequence[Preprocessing], crop: Crop | None) -> DecodedImage:
    image = _open(data)
    format_, (width, height) = image.format or "", image.size
    factor = _reduction(width, height, wanted, crop)
    if format_ in ("JPEG", "MPO"):
        refuse_endless(data)
        # libjpeg decodes at 1/2, 1/4 or 1/8, for a fraction of the work
        image.draft(None, (max(1, width // factor), max(1, height // factor)))
    image.load()
    tags = exif.read(image)
    orientation = exif.orientation(tags)
    if format_ == "TIFF":  # Pillow has turned it while loading
        width, height = image.size
    small = _reduce(image, _reduction(*image.size, wanted, crop))
    if orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[orientation])
    if orientation in _SIDEWAYS:
        width, height = height, width
    view = _cropped(small, crop) if crop else small
    shown = shrunk(view)
    return DecodedImage(
        content_hash=hashlib.sha256(data).hexdigest(),
        format="JPEG" if format_ == "MPO" else format_,
        width=width,
        height=height,
        taken_at=exif.taken_at(tags),
        thumbnail=encode(shown),
        pixels=tuple(prepare_reduced(view, preprocessing) for preprocessing in wanted),
        facts=exif.facts(tags) + palette.facts(shown) + fingerprint.facts(shown),
    )


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(data), formats=SUPPORTED)
    except Exception:
        plain = _without_texts(data)
        if plain is None:
            raise
        return Image.open(BytesIO(plain), formats=SUPPORTED)


def _reduction(width: int, height: int, wanted: Sequence[Preprocessing], crop: Crop | None) -> int:
    """How many times smaller the picture may be and still serve every tower and the thumbnail."""
    part = min(crop[2] - crop[0], crop[3] - crop[1]) if crop else 1.0
    factors = [reducible_by(width * part, height * part, preprocessing) for preprocessing in wanted]
    return max(1, int(min([max(width, height) / SIDE, *factors])))


def _reduce(image: Image.Image, factor: int) -> Image.Image:
    """RGB, `factor` times smaller; shrunk before the conversion where that is the same."""
    early = image.mode in _REDUCIBLE and "transparency" not in image.info
    if early and factor > 1:
        image, factor = image.reduce(factor), 1
    image = to_rgb(image)
    return image.reduce(factor) if factor > 1 else image


def _cropped(image: Image.Image, crop: Crop) -> Image.Image:
    left, top, right, bottom = crop
    x0, y0 = int(left * image.width), int(top * image.height)
    x1, y1 = round(right * image.width), round(bottom * image.height)
    x0, y0 = min(x0, image.width - 1), min(y0, image.height - 1)
    return image.crop((x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)))


def _without_texts(data: bytes) -> bytes | None:
    """A PNG without its text, profile and EXIF chunks; None for anything else.

    Pillow refuses pictures whose texts are very long; the pixels are fine.
    """
    start, at = 8, 8
    if data[:start] != b"\x89PNG\r\n\x1a\n":
        return None
    kept = [data[:start]]
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] not in (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf"):
            kept.append(data[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)


# limits


@contextmanager
def _limited_to(max_pixels: int) -> Iterator[None]:
    """Pillow refuses larger pictures by their header, before a pixel is decoded."""
    with _pillow_limits, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, max_pixels
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before
