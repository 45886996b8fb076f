"""Files by image id, never by path: thumbnails that we made, and originals to be saved."""

from __future__ import annotations

import os
import re

from flask import Blueprint, Response, request, send_file
from werkzeug.exceptions import PreconditionFailed

from search.thumbnails import MEDIA_TYPE, SIDE, WIDTHS

from .app_state import engine
from .errors import reject

FOR_EVER = "private, max-age=31536000, immutable"

blueprint = Blueprint("media", __name__, url_prefix="/api/v1")


@blueprint.get("/images/<image_id:image_id>/thumb")
def thumb(image_id: int) -> Response:
    """For ever in the browser's cache if the address names the content that it shows."""
    width = _width()
    thumbnail, etag = engine().thumbnail(image_id, width)
    response = Response(thumbnail, content_type=MEDIA_TYPE)
    response.set_etag(etag)
    version = request.args.get("v", "")
    is_as_wide = etag.endswith(f"-{width}")  # not a smaller one because no decoder was free
    if len(version) >= 8 and version in etag and is_as_wide:
        response.headers["Cache-Control"] = FOR_EVER
    response.make_conditional(request)
    if response.status_code == 412:  # not the picture: a refusal in words
        raise PreconditionFailed
    return response


@blueprint.get("/images/<image_id:image_id>/original")
def original(image_id: int) -> Response:
    """To be saved, not shown: whatever the file holds, no browser runs it here."""
    file, media_type, name = engine().original(image_id)
    response = send_file(
        file,
        mimetype=media_type,
        as_attachment=True,
        download_name=_header_name(name),
        last_modified=os.fstat(file.fileno()).st_mtime,
    )
    response.content_length = os.fstat(file.fileno()).st_size
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _width() -> int:
    text = request.args.get("w", str(SIDE))
    if text not in map(str, WIDTHS):
        *others, last = WIDTHS
        reject("/w", "invalid", f"must be {', '.join(map(str, others))} or {last}")
    return int(text)


def _header_name(name: str) -> str:
    """A file name that a header can carry and a disk can take."""
    readable = os.fsencode(name).decode("utf-8", "replace")
    return re.sub(r'[\x00-\x1f\x7f-\x9f"\\/]', "_", readable) or "picture"
