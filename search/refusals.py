"""Why a decoder refused a picture: its exception -> our reason and words. Its own go to the log."""

from __future__ import annotations

import logging
import re

from PIL import Image, UnidentifiedImageError

from . import details
from .errors import ImageError, Reason
from .formats import BOXED
from .jpeg import EndlessError
from .signatures import cut_short, detect, raw_format, supported

log = logging.getLogger("search.images")

_SIZE = re.compile(r"\((\d+) pixels\)")


def refusal(
    error: Exception, data: bytes, uri: str, max_pixels: int, setting: str = ""
) -> ImageError:
    """What to raise where decoding `data` ended in `error`; `setting` names the limit of pixels."""
    reason, detail = _reason(error, data, uri), ""
    if not data:
        detail = details.EMPTY
    elif reason is Reason.TOO_LARGE:
        size = _SIZE.search(str(error))
        detail = details.too_many_pixels(int(size[1]) if size else None, max_pixels, setting)
    elif reason is Reason.UNSUPPORTED_FORMAT:
        detail = details.format_of(supported(data, uri)[0] or "")
    elif isinstance(error, EndlessError):
        detail = str(error)
    return ImageError(uri, reason, detail)


def refuse_raw(uri: str) -> None:
    """A raw photograph by its name: what could be decoded in it is a tiny preview."""
    if raw := raw_format(uri):
        raise ImageError(uri, Reason.UNSUPPORTED_FORMAT, details.format_of(raw))


def note(uri: str, reason: Reason, said: str) -> None:
    """Keep what the decoder said; escaped, since a hostile file may have chosen the words."""
    log.info("%r is skipped: %s, %r", uri, reason.value, said[:200])


def said_by(error: BaseException | None) -> str:
    """A decoder's own words."""
    return "" if error is None else str(error) or type(error).__name__


def _reason(error: Exception, data: bytes, uri: str) -> Reason:
    said = str(error).lower()
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return Reason.TOO_LARGE
    if isinstance(error, MemoryError):
        return Reason.OUT_OF_MEMORY
    if isinstance(error, UnidentifiedImageError):
        return _unidentified(data, uri)
    if isinstance(error, EOFError) or "truncated" in said:
        return Reason.TRUNCATED
    if isinstance(error, NotImplementedError) or "unsupported" in said or "not supported" in said:
        return Reason.UNSUPPORTED_VARIANT
    return _damaged(data)


def _unidentified(data: bytes, uri: str) -> Reason:
    """Pillow could not say what it is: the signature can."""
    format_, readable = supported(data, uri)
    if format_ is None:
        return Reason.NOT_AN_IMAGE
    if not readable:
        return Reason.UNSUPPORTED_FORMAT
    return _damaged(data)


def _damaged(data: bytes) -> Reason:
    """Decoders of boxed formats do not say that the end is missing; the lengths of the boxes do."""
    boxed = detect(data) in BOXED
    return Reason.TRUNCATED if boxed and cut_short(data) else Reason.CORRUPT
