"""The name under which a request stands in the log, in its answer and in what a client reports."""

from __future__ import annotations

import re
import uuid

from flask import g, request

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def request_id() -> str:
    """Of the current request: what the client sent if that is harmless, else one of our own."""
    if "request_id" not in g:
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
    name: str = g.request_id
    return name
