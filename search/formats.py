"""The formats that are indexed: what each is called, how it is told, what the web knows it as.

A further one is an entry here, if Pillow reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    name: str  # Pillow's, and ours: in the library, in filters, in answers
    known_as: str  # in sentences
    media_type: str
    extensions: tuple[str, ...]
    signature: re.Pattern[bytes] | None = None  # of the first bytes
    brands: frozenset[bytes] = frozenset()  # of the file type box (ISO/IEC 14496-12, 4.3)


def _format(
    name: str,
    known_as: str,
    media_type: str,
    extensions: str,
    signature: bytes = b"",
    brands: bytes = b"",
) -> Format:
    return Format(
        name,
        known_as,
        media_type,
        tuple(extensions.split()),
        re.compile(signature, re.DOTALL) if signature else None,
        frozenset(brands.split()),
    )


FORMATS = (
    _format("JPEG", "JPEG", "image/jpeg", "jpg jpeg jpe jfif mpo", rb"\xff\xd8\xff"),
    _format("PNG", "PNG", "image/png", "png apng", rb"\x89PNG\r\n\x1a\n"),
    _format("WEBP", "WebP", "image/webp", "webp", rb"RIFF....WEBP"),
    _format("GIF", "GIF", "image/gif", "gif", rb"GIF8[79]a"),
    _format("BMP", "BMP", "image/bmp", "bmp dib", rb"BM"),
    _format("TIFF", "TIFF", "image/tiff", "tif tiff", rb"II[*+]\0|MM\0[*+]"),
    _format(
        "HEIF",
        "HEIC",
        "image/heif",
        "heic heif hif",
        brands=b"heic heix heim heis hevc hevx hevm hevs mif1 msf1",
    ),
    # After HEIF, whose general brands such a file has too.
    _format("AVIF", "AVIF", "image/avif", "avif avifs", brands=b"avif avis"),
)

SUPPORTED = tuple(each.name for each in FORMATS)
MEDIA_TYPES = {each.name: each.media_type for each in FORMATS}
BOXED = frozenset(each.name for each in FORMATS if each.brands)

_NAMED = {word: each.name for each in FORMATS for word in (each.name.lower(), *each.extensions)}


def format_named(word: str) -> str | None:
    """The format that somebody means by its name or an extension, in any case: ".jpg" is JPEG."""
    return _NAMED.get(word.strip().lstrip(".").lower())


def in_words(joined_by: str = "and") -> str:
    """All of them, for a sentence: "JPEG, PNG and AVIF"."""
    *names, last = (each.known_as for each in FORMATS)
    return f"{', '.join(names)} {joined_by} {last}"
