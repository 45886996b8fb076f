"""Files behind an image: thumbnails of several sizes, and the original."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO

from PIL import Image

from .errors import ImageError, NotFoundError
from .images import THUMBNAIL_SIDE, thumbnail_of
from .interfaces import Decoder
from .records import ImageRecord, Location
from .thumbnails import Thumbnails

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


def original(record: ImageRecord, roots: Mapping[int, bytes]) -> tuple[BinaryIO, str, str]:
    """The first location that still is a regular file below its root.

    Returns the open file, its media type by content and its name. Raises NotFoundError.
    """
    for place in record.locations:
        with suppress(OSError):
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
