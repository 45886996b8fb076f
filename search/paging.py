"""Cursors: where a page of images ended, as a text that a request can carry."""

from __future__ import annotations

import base64
import json

from .errors import QueryError

Place = tuple[int, int]  # sort key and id of the last image


def write_cursor(last: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(last).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> Place | None:
    """The inverse; None where there is none. Raises QueryError."""
    if cursor is None:
        return None
    try:
        key, image_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not all(abs(int(part)) < 2**63 for part in (key, image_id)):
            raise ValueError(cursor)
        return int(key), int(image_id)
    except (ValueError, TypeError, OverflowError):
        raise QueryError("this is no cursor that a page of images gave", "/cursor") from None
