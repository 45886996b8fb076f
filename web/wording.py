"""What people read: filters and formats in words."""

from __future__ import annotations

from search.records import Orientation, Sort, Target

EXAMPLES = ("red apple", "red dress", "sunset over the sea", "红色苹果")

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
