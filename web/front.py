"""What every view of one app shares."""

from __future__ import annotations

import json
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, request
from werkzeug.routing import BaseConverter

from search.errors import OverloadedError
from search.query import Query
from search.records import Description, ImageRecord, SearchResult

from .engine import Opening
from .gate import Gate

if TYPE_CHECKING:
    from search.engine import SearchEngine

KEY = "pomona"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


@dataclass
class Front:
    opening: Opening
    library: Path
    gate: Gate = field(default_factory=Gate)


class ImageId(BaseConverter):
    """What fits a 64-bit row id; anything else is no such page."""

    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)


def front_of(app: Flask) -> Front:
    front: Front = app.extensions[KEY]
    return front


def engine() -> SearchEngine:
    """The engine of the current app; raises why there is none yet."""
    return front_of(current_app).opening.engine()


def library() -> Path:
    """The folder of the current app's library."""
    return front_of(current_app).library


def search(query: Query) -> SearchResult:
    ready = engine()
    with front_of(current_app).gate.passing():
        return ready.search(query)


def examples() -> tuple[str, ...]:
    """Words to search for; none while there is more urgent work."""
    ready = engine()
    with suppress(OverloadedError), front_of(current_app).gate.passing():
        return ready.examples()
    return ()


def describe(picture: bytes) -> Description:
    ready = engine()
    with front_of(current_app).gate.passing():
        return ready.describe(picture)


def links(image: ImageRecord) -> dict[str, str]:
    """Addresses of an image, as absolute paths. Thumbnails carry their content's hash: a browser
    that keeps them for ever must not show them for another library at the same address."""
    base = f"{request.script_root}/api/v1/images/{image.id}"
    return {
        "self": base,
        "thumb": f"{base}/thumb?w=320&v={image.content_hash[:12]}",
        "similar": f"{base}/similar",
        "original": f"{base}/original",
        "page": f"{request.script_root}/images/{image.id}",
    }


def request_id() -> str:
    """Of the current request: what the client sent if that is harmless, else one of our own."""
    if "request_id" not in g:
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
    name: str = g.request_id
    return name


def json_response(
    payload: Any, status: int = 200, content_type: str = "application/json"
) -> Response:
    """UTF-8; a lone surrogate becomes the escape that JSON has for it."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "backslashreplace"), status, content_type=content_type)
