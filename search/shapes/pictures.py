"""A picture of the library as JSON: in short, as a hit shows it, and with all that is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, NotRequired, cast

from pydantic import Field
from typing_extensions import TypedDict

from .. import records
from ..formats import SUPPORTED
from ..records import ImageRecord, Location
from ..thumbnails import FORMAT, SIDE, WIDTHS
from .values import (
    Json,
    Moment,
    OneOf,
    base64_text,
    is_undecodable,
    moment_text,
    path_json,
    path_text,
    shape,
    time_json,
)


def _other_widths() -> str:
    return " and ".join(f"w={width}" for width in WIDTHS if width != SIDE)


@shape
class Links(TypedDict):
    """Absolute paths on this server."""

    self: Annotated[str, Field(description="This image as JSON.")]
    thumb: Annotated[
        str, Field(description=f"{FORMAT}, {SIDE} px at most; {_other_widths()} exist too.")
    ]
    similar: Annotated[str, Field(description="Its neighbours.")]
    original: Annotated[str, Field(description="The file itself.")]
    page: Annotated[str, Field(description="The page for people.")]


LinksOf = Callable[[ImageRecord], Links]


@shape
class Picture(TypedDict):
    id: Annotated[int, Field(description="Never given twice.")]
    collection: str
    path: Annotated[
        str | None,
        Field(description=r"Relative to its root; bytes that are no UTF-8 are shown as \xff."),
    ]
    path_bytes: NotRequired[
        Annotated[
            str, Field(description="Base64 of the path, only where `path` had to be escaped.")
        ]
    ]
    caption: str | None
    width: Annotated[int, Field(description="Pixels, upright.")]
    height: int
    format: Annotated[str, OneOf(SUPPORTED)]
    taken_at: Moment | None
    tags: Annotated[list[str], Field(description="Not given yet: always empty.")]
    thumbhash: Annotated[str | None, Field(description="Not computed yet: always null.")]
    duplicates: Annotated[
        int,
        Field(
            description="Further paths that hold the same content; of a hit also the images that "
            "are nearly the same and that it stands for."
        ),
    ]
    links: Links


@shape
class Caption(TypedDict):
    text: str
    language: str
    source: Annotated[str, Field(description="The captioner's name, or `human`.")]


class Places(TypedDict):
    locations: Annotated[list[str], Field(description="All its paths; the first one is `path`.")]
    locations_bytes: NotRequired[
        Annotated[
            list[str],
            Field(description="Base64 of each, only where one had to be escaped."),
        ]
    ]


@shape
class Image(Picture, Places):
    captions: list[Caption]
    content_hash: Annotated[str, Field(description="SHA-256 of the file, hexadecimal.")]
    added_at: Moment


# What `indexer export` writes of an image, in this order.
EXPORTED = (
    "id",
    "path",
    "path_bytes",
    "locations",
    "caption",
    "captions",
    "tags",
    "width",
    "height",
    "taken_at",
    "collection",
)


def picture_json(
    image: ImageRecord, *, absolute: bool = False, links: LinksOf | None = None
) -> Picture:
    """A picture in short. `links` gives its addresses; without them, there is no such field."""
    path = _path(image.locations[0], absolute) if image.locations else None
    shown: Json = {
        "id": image.id,
        "collection": image.collection,
        **({"path": None} if path is None else path_json(path)),
        "caption": image.caption,
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "taken_at": time_json(image.taken_at),
        "tags": [],
        "thumbhash": None,
        "duplicates": max(0, len(image.locations) - 1),
    }
    if links is not None:
        shown["links"] = links(image)
    return cast(Picture, shown)


def image_json(
    image: ImageRecord, *, absolute: bool = False, links: LinksOf | None = None
) -> Image:
    """Everything about one image; `locations` are all its paths, the first one is `path`."""
    return {
        **picture_json(image, absolute=absolute, links=links),
        **_places_json([_path(location, absolute) for location in image.locations]),
        "captions": [caption_json(caption) for caption in image.captions],
        "content_hash": image.content_hash,
        "added_at": moment_text(image.added_at),
    }


def caption_json(caption: records.Caption) -> Caption:
    return {"text": caption.text, "language": caption.language, "source": caption.source}


def export_json(image: ImageRecord) -> Json:
    """A line of `indexer export`."""
    shown = dict(image_json(image, absolute=True))
    return {name: shown[name] for name in EXPORTED if name in shown}


def _places_json(paths: Sequence[bytes]) -> Places:
    shown = [path_text(path) for path in paths]
    if any(is_undecodable(path) for path in paths):
        return {"locations": shown, "locations_bytes": [base64_text(path) for path in paths]}
    return {"locations": shown}


def _path(location: Location, absolute: bool) -> bytes:
    return location.absolute if absolute else location.path
