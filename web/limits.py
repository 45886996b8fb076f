"""How large a request may be: said here once; parser, messages, pages and document read it."""

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


def in_words(size: int) -> str:
    """`size` in bytes, whole megabytes."""
    return f"{size // _MB} MB"


PICTURE = in_words(MAX_PICTURE)
JSON = in_words(MAX_JSON)
