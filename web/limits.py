"""How large a request may be and how many may wait: said here once; everything else reads it."""

from __future__ import annotations

_MB = 1024 * 1024

MAX_PICTURE = 20 * _MB  # bytes
MAX_JSON = 1 * _MB  # bytes, as a body or as the part `request`
MAX_PARTS = 110  # of a form

# A picture, its request, and the lines between the parts.
MAX_BODY = MAX_PICTURE + 2 * MAX_JSON
# The form parser holds a field, and whatever block it read last, in memory: it refuses where what
# is left of one block and the next one together exceed this, so it must be far above a block.
MAX_FORM_MEMORY = 2 * MAX_JSON

THREADS = 20  # of the server: each answers one request at a time
MAX_WAITING = 64  # for the towers
# Half of the threads may wait for decoders; the others go on with words, pages, health.
MAX_DECODING = 4  # uploads
MAX_REMAKING = 6  # thumbnails that are gone: as many as a browser asks for at once


def in_words(size: int) -> str:
    """`size` in bytes, whole megabytes."""
    return f"{size // _MB} MB"


PICTURE = in_words(MAX_PICTURE)
JSON = in_words(MAX_JSON)
