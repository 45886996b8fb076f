"""Files by image id, never by path: thumbnails that we made, and originals to be saved."""

from __future__ import annotations

import os
import re

from flask import Response, request, send_file
from werkzeug.exceptions import PreconditionFailed

from search.formats import MEDIA_TYPES
from search.thumbnails import MEDIA_TYPE

from .app_state import engine
from .endpoint import Endpoints, File, Scope
from .requests import ThumbnailParameters

FOR_EVER = "private, max-age=31536000, immutable"

endpoint = Endpoints("media", "/api/v1")


@endpoint(
    "GET",
    "/images/{id}/thumb",
    reads=ThumbnailParameters,
    gives=File((MEDIA_TYPE,)),
    scope=Scope.READ,
    problems=(404, 422),
)
def get_thumbnail(asked: ThumbnailParameters, image_id: int) -> Response:
    """A small picture without metadata."""
    thumbnail, etag = engine().thumbnail(image_id, asked.w)
    response = Response(thumbnail, content_type=MEDIA_TYPE)
    response.set_etag(etag)
    is_as_wide = etag.endswith(f"-{asked.w}")  # not a smaller one because no decoder was free
    if len(asked.v) >= 8 and asked.v in etag and is_as_wide:
        response.headers["Cache-Control"] = FOR_EVER
    response.make_conditional(request)
    if response.status_code == 412:  # not the picture: a refusal in words
        raise PreconditionFailed
    return response


@endpoint(
    "GET",
    "/images/{id}/original",
    gives=File(tuple(MEDIA_TYPES.values())),
    scope=Scope.READ,
    problems=(404, 409),
)
def get_original(image_id: int) -> Response:
    """The file, as an attachment."""
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
    # To be saved, not shown: whatever the file holds, no browser runs it here.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _header_name(name: str) -> str:
    """A file name that a header can carry and a disk can take."""
    readable = os.fsencode(name).decode("utf-8", "replace")
    return re.sub(r'[\x00-\x1f\x7f-\x9f"\\/]', "_", readable) or "picture"
