"""The formats that are indexed: what each is called, how it is told, what the web knows it as.

A further one is an entry here, if Pillow reads it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    name: str  # Pillow's, and ours: in the library, in filters, in answers
    known_as: str  # in sentences
    media_type: str
    extensions: tuple[str, ...]
    signature: bytes = b""  # a regular expression that the first bytes match
    brands: tuple[bytes, ...] = ()  # any of these in the file type box (ISO/IEC 14496-12, 4.3)


FORMATS = (
    Format("JPEG", "JPEG", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif", "mpo"), rb"\xff\xd8\xff"),
    Format("PNG", "PNG", "image/png", ("png", "apng"), rb"\x89PNG\r\n\x1a\n"),
    Format("WEBP", "WebP", "image/webp", ("webp",), rb"RIFF....WEBP"),
    Format("GIF", "GIF", "image/gif", ("gif",), rb"GIF8[79]a"),
    Format("BMP", "BMP", "image/bmp", ("bmp", "dib"), rb"BM"),
    Format("TIFF", "TIFF", "image/tiff", ("tif", "tiff"), rb"II[*+]\0|MM\0[*+]"),
    Format(
        "HEIF",
        "HEIC",
        "image/heif",
        ("heic", "heif", "hif"),
        brands=(
            *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
            *(b"mif1", b"msf1"),  # of anything built like it
        ),
    ),
    # After HEIF, whose general brands such a file has too.
    Format("AVIF", "AVIF", "image/avif", ("avif", "avifs"), brands=(b"avif", b"avis")),
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
