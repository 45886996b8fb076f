"""Files behind an image: thumbnails of several sizes, and the original."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import BinaryIO

from PIL import Image

from .beneath import open_beneath
from .errors import FileChangedError, ImageError, NotFoundError, OverloadedError, QueryError
from .formats import MEDIA_TYPES
from .interfaces import Decoder
from .records import DecodedImage, FileStamp, Fit, ImageRecord, Location, Preprocessing
from .thumbnails import SIDE, WIDTHS, Thumbnails, decode, encode

Roots = Mapping[int, bytes]  # root id -> absolute path


def thumbnail(
    thumbnails: Thumbnails,
    record: ImageRecord,
    width: int,
    roots: Roots,
    decoder: Decoder,
    keep: Callable[[ImageRecord, bytes], None] = lambda record, thumbnail: None,
) -> tuple[bytes, str]:
    """Its file with a long side of at most `width` px, and an ETag that names content and size.

    Ingest stores 320 px; 160 is made from these, 640 from the file while that has this content and
    a decoder is free. A stored one that is gone or damaged is made again, and given to `keep`.
    Raises QueryError for another width, NotFoundError where nothing is left to show.
    """
    if width not in WIDTHS:
        raise QueryError(f"one of {', '.join(map(str, WIDTHS))}, not {width}", "/w")
    if width > SIDE:
        if larger := _larger(record, width, roots, decoder):
            return larger, _etag(record, width)
        width = SIDE
    stored = thumbnails.get(record.content_hash)
    if stored is None:
        stored = _made_again(record, roots, decoder)
        keep(record, stored)
    return stored if width == SIDE else _shrunk(stored, width), _etag(record, width)


def _made_again(record: ImageRecord, roots: Roots, decoder: Decoder) -> bytes:
    decoded = _decoded(record, [], roots, decoder)
    if decoded is None:
        raise NotFoundError(f"image {record.id} has no thumbnail, and its file is gone")
    return decoded.thumbnail


def _etag(record: ImageRecord, width: int) -> str:
    return f"{record.content_hash[:32]}-{width}"


def _shrunk(stored: bytes, side: int) -> bytes:
    with decode(stored) as image:
        image.thumbnail((side, side))
        return encode(image)


def _larger(record: ImageRecord, side: int, roots: Roots, decoder: Decoder) -> bytes | None:
    """None where the file is gone or too much is being decoded already."""
    side = min(side, max(record.width, record.height))
    try:
        decoded = _decoded(record, [Preprocessing(size=side, fit=Fit.PAD)], roots, decoder)
    except OverloadedError:
        return None
    if decoded is None:
        return None
    longest = max(decoded.width, decoded.height)
    width, height = (max(1, round(s * side / longest)) for s in (decoded.width, decoded.height))
    left, top = (side - width) // 2, (side - height) // 2
    return encode(Image.fromarray(decoded.pixels[0][0][top : top + height, left : left + width]))


def _decoded(
    record: ImageRecord, wanted: Sequence[Preprocessing], roots: Roots, decoder: Decoder
) -> DecodedImage | None:
    """From a file that still has the content of `record`; None where there is none."""
    try:
        data = _content(record, roots)
        return decoder.decode(data, wanted, uri=f"image {record.id}") if data else None
    except ImageError:
        return None


def _content(record: ImageRecord, roots: Roots) -> bytes | None:
    for place, file in _files(record, roots):
        with suppress(OSError), file:
            if os.fstat(file.fileno()).st_size == place.stamp.size:
                data = file.read()
                if hashlib.sha256(data).hexdigest() == record.content_hash:
                    return data
    return None


def original(record: ImageRecord, roots: Roots) -> tuple[BinaryIO, str, str]:
    """The first location below its root that still holds what was indexed.

    Returns the open file, its media type by content and its name. Raises FileChangedError where
    only other content is left, else NotFoundError.
    """
    changed = False
    for place, file in _files(record, roots):
        if _is_as_indexed(file, place.stamp, record.content_hash):
            name = os.fsdecode(os.path.basename(place.path))
            return file, MEDIA_TYPES.get(record.format, "application/octet-stream"), name
        file.close()
        changed = True
    if changed:
        raise FileChangedError(f"the file of image {record.id} has changed since it was indexed")
    raise NotFoundError(f"the file of image {record.id} is gone, or cannot be read")


def _is_as_indexed(file: BinaryIO, stamp: FileStamp, content_hash: str) -> bool:
    """Read only where the stamp leaves doubt: a file that was merely touched is the same."""
    about = os.fstat(file.fileno())
    if (about.st_size, about.st_mtime_ns) == stamp or about.st_size != stamp.size:
        return about.st_size == stamp.size
    content = hashlib.sha256()
    while block := file.read(1 << 20):
        content.update(block)
    file.seek(0)
    return content.hexdigest() == content_hash


def _files(record: ImageRecord, roots: Roots) -> Iterator[tuple[Location, BinaryIO]]:
    """Each place of an image that can be opened below its root."""
    for place in record.locations:
        try:
            file = open_beneath(roots[place.root_id], place.path)
        except (OSError, KeyError):  # KeyError: another root has taken it over meanwhile
            continue
        yield place, file
