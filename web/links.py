"""Addresses of an image: those that answers carry, and the ids that addresses may hold."""

from __future__ import annotations

from flask import request
from werkzeug.routing import BaseConverter

from search.records import ImageRecord
from search.shapes.pictures import Links
from search.thumbnails import SIDE


class ImageId(BaseConverter):
    """What fits a 64-bit row id; anything else is not an address of ours."""

    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)


def links(image: ImageRecord) -> Links:
    """Addresses of an image, as absolute paths."""
    root = request.script_root
    base = f"{root}/api/v1/images/{image.id}"
    return {
        "self": base,
        "thumb": _thumbnail(base, image, SIDE),
        "similar": f"{base}/similar",
        "original": f"{base}/original",
        "page": f"{root}/images/{image.id}",
    }


def thumbnail(image: ImageRecord, width: int) -> str:
    return _thumbnail(f"{request.script_root}/api/v1/images/{image.id}", image, width)


def _thumbnail(base: str, image: ImageRecord, width: int) -> str:
    """It carries the content's hash: a browser that keeps it for ever must not show it for another
    library at the same address."""
    return f"{base}/thumb?w={width}&v={image.content_hash[:12]}"
