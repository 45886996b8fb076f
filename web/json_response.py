"""Plain values -> the bytes of a JSON answer."""

from __future__ import annotations

import json
from typing import Any

from flask import Response


def json_response(
    payload: Any, status: int = 200, content_type: str = "application/json"
) -> Response:
    """UTF-8; a lone surrogate becomes the escape that JSON has for it."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "backslashreplace"), status, content_type=content_type)
