"""What people read: reasons, filters and formats in words."""

from __future__ import annotations

from search.errors import Reason
from search.records import Orientation, Sort, Target

EXAMPLES = ("red apple", "red dress", "sunset over the sea", "红色苹果")

REASONS = {
    Reason.UNSUPPORTED_FORMAT: "the format is not supported",
    Reason.NOT_AN_IMAGE: "this is not a picture",
    Reason.CORRUPT: "the picture is damaged",
    Reason.TRUNCATED: "the end of the picture is missing",
    Reason.UNSUPPORTED_VARIANT: "this variant of the format is not supported",
    Reason.TOO_LARGE: "the picture has too many pixels",
    Reason.OUT_OF_MEMORY: "the picture needs too much memory",
    Reason.TIMEOUT: "reading the picture took too long",
    Reason.DECODER_CRASH: "the picture crashed its decoder",
    Reason.PERMISSION: "the file may not be read",
    Reason.VANISHED: "the file is gone",
    Reason.CHANGED_WHILE_READING: "the file changed while it was read",
    Reason.IO_ERROR: "the disk could not be read",
}

TARGETS = {
    Target.HYBRID: "Both",
    Target.IMAGE: "Picture only",
    Target.CAPTION: "Caption only",
}

ORIENTATIONS = {
    Orientation.LANDSCAPE: "Landscape",
    Orientation.PORTRAIT: "Portrait",
    Orientation.SQUARE: "Square",
}

SORTS = {
    Sort.RELEVANCE: "Best match first",
    Sort.NEWEST: "Newest first",
    Sort.OLDEST: "Oldest first",
}

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")

HEADINGS = {
    "not_found": "Not found",
    "model_loading": "Just a moment",
    "no_library": "There is no library yet",
    "overloaded": "Too many searches at once",
    "index_damaged": "The library needs repair",
    "payload_too_large": "That is too large",
    "undecodable_image": "That picture cannot be read",
    "image_too_large": "That picture is too large",
    "validation_error": "That does not work",
    "internal": "Something went wrong",
}
