"""Files behind an image: thumbnails of several sizes, and the original."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO

from PIL import Image

from .errors import ImageError, NotFoundError, QueryError
from .images import THUMBNAIL_QUALITY, THUMBNAIL_SIDE
from .interfaces import Decoder
from .records import Fit, ImageRecord, Location, Preprocessing
from .thumbnails import Thumbnails

Roots = Mapping[int, bytes]  # root id -> absolute path

WIDTHS = (160, 320, 640)  # px of the long side
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "HEIF": "image/heif",
    "AVIF": "image/avif",
}


def thumbnail(
    thumbnails: Thumbnails, record: ImageRecord, width: int, roots: Roots, decoder: Decoder
) -> tuple[bytes, str]:
    """JPEG with a long side of at most `width` px, and an ETag that names content and size.

    Ingest stores 320 px; 160 is made from these, 640 from the file while it is there.
    Raises QueryError for another width, NotFoundError where nothing is left to show.
    """
    if width not in WIDTHS:
        raise QueryError(f"one of {', '.join(map(str, WIDTHS))}, not {width}", "/w")
    stored = thumbnails.get(record.content_hash)
    if width > THUMBNAIL_SIDE or stored is None:
        larger = _from_file(record, width, roots, decoder)
        return larger or _known(stored, record), _etag(record, width if larger else THUMBNAIL_SIDE)
    return stored if width == THUMBNAIL_SIDE else _shrunk(stored, width), _etag(record, width)


def _known(stored: bytes | None, record: ImageRecord) -> bytes:
    if stored is None:
        raise NotFoundError(f"image {record.id} has no thumbnail, and its file is gone")
    return stored


def _etag(record: ImageRecord, width: int) -> str:
    return f"{record.content_hash[:32]}-{width}"


def _shrunk(jpeg: bytes, side: int) -> bytes:
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        image.thumbnail((side, side))
        return _jpeg(image)


def _from_file(record: ImageRecord, side: int, roots: Roots, decoder: Decoder) -> bytes | None:
    """None where the file is gone or is no picture any more."""
    longest = max(record.width, record.height)
    side = min(side, longest)
    whole = Preprocessing(size=side, fit=Fit.PAD)
    try:
        with original(record, roots)[0] as file:
            decoded = decoder.decode(file.read(), [whole], uri=f"image {record.id}")
    except (ImageError, NotFoundError, OSError):
        return None
    longest = max(decoded.width, decoded.height)
    width, height = (max(1, round(s * side / longest)) for s in (decoded.width, decoded.height))
    left, top = (side - width) // 2, (side - height) // 2
    return _jpeg(Image.fromarray(decoded.pixels[0][0][top : top + height, left : left + width]))


def _jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=THUMBNAIL_QUALITY)
    return file.getvalue()


def original(record: ImageRecord, roots: Roots) -> tuple[BinaryIO, str, str]:
    """The first location that still is a regular file below its root.

    Returns the open file, its media type by content and its name. Raises NotFoundError.
    """
    for place in record.locations:
        with suppress(OSError, KeyError):  # a root that another one took over meanwhile
            file = _open_below(place, roots[place.root_id])
            name = os.fsdecode(os.path.basename(place.absolute))
            return file, MEDIA_TYPES.get(record.format, "application/octet-stream"), name
    raise NotFoundError(f"the file of image {record.id} is gone, or may not be read")


def _open_below(place: Location, root: bytes) -> BinaryIO:
    """Open without following a link at the end, nor one on the way that leads out of the root."""
    folder = os.path.realpath(os.path.dirname(place.absolute))
    base = os.path.realpath(root)
    if folder != base and not folder.startswith(base.rstrip(b"/") + b"/"):
        raise PermissionError("outside its root")
    handle = os.open(
        os.path.join(folder, os.path.basename(place.absolute)),
        os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC,
    )
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise PermissionError("no regular file")
    return os.fdopen(handle, "rb")
