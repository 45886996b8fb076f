"""Records -> plain dicts, with the JSON names of docs/api.md.

The page, the API and the command line all show what these functions give. Paths are relative to
their root unless `absolute` is asked for, as on the command line; a path that is no UTF-8 is shown
with escapes, and `path_bytes` (base64) beside it says what it really is. `links` gives the
addresses at which an API serves an image.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from .query import MAX_WINDOW, Image, Picture, Query, Term, Words
from .records import (
    Caption,
    Description,
    Failure,
    Hit,
    ImageRecord,
    LibraryStats,
    Location,
    Problem,
    Root,
    RootStats,
    SearchResult,
    Space,
)

Json = dict[str, Any]
Links = Callable[[ImageRecord], dict[str, str]]


def hit_json(hit: Hit, *, absolute: bool = False, links: Links | None = None) -> Json:
    """One answer: where it ranks and why, and the picture as `image_json` shows it, in short."""
    return {
        "id": hit.image.id,
        "rank": hit.rank,
        "score": hit.score,
        "relevance": hit.relevance.value,
        "scores": {
            "image": hit.cosines.get(Space.IMAGE),
            "caption": hit.cosines.get(Space.CAPTION),
            "words": None,
        },
        "matched_by": list(hit.matched_by),
        **_picture_json(hit.image, absolute, links),
    }


def image_json(image: ImageRecord, *, absolute: bool = False, links: Links | None = None) -> Json:
    """Everything about one image; `locations` are all its paths, the first one is `path`."""
    paths = [_path(location, absolute) for location in image.locations]
    locations: Json = {"locations": [path_text(path) for path in paths]}
    if any(_is_undecodable(path) for path in paths):
        locations["locations_bytes"] = [_base64(path) for path in paths]
    return {
        "id": image.id,
        **_picture_json(image, absolute, links),
        **locations,
        "captions": [caption_json(caption) for caption in image.captions],
        "content_hash": image.content_hash,
        "added_at": time_json(image.added_at),
    }


def caption_json(caption: Caption) -> Json:
    return {"text": caption.text, "language": caption.language, "source": caption.source}


def result_json(
    result: SearchResult, query: Query, *, absolute: bool = False, links: Links | None = None
) -> Json:
    """A page of hits; `next_offset` is null on the last one."""
    return {
        "hits": [hit_json(hit, absolute=absolute, links=links) for hit in result.hits],
        "limit": query.limit,
        "offset": query.offset,
        "total": result.total,
        "next_offset": next_offset(query, result.total),
        "query": query_json(query, truncated=result.truncated),
        "revision": result.revision,
        "took_ms": round(result.took_ms, 2),
    }


def next_offset(query: Query, total: int) -> int | None:
    """Where the next page of as many hits begins, if there is one and it may be asked for."""
    following = query.offset + query.limit
    return following if following < total and following + query.limit <= MAX_WINDOW else None


def query_json(query: Query, *, truncated: bool = False) -> Json:
    """The question as it was read: its terms in words, in `read_as`."""
    return {
        "text": query.text,
        "image_id": query.image_id,
        "read_as": [_term_json(term) for term in query.terms],
        "truncated": truncated,
    }


def _term_json(term: Term) -> Json:
    match term:
        case Words(text):
            return {"kind": "not" if term.away else "text", "value": text}
        case Picture():
            return {"kind": "picture", "value": None}
        case Image(id_, example=False):
            return {"kind": "image", "value": id_}
        case Image(id_):
            return {"kind": "less_like" if term.away else "more_like", "value": id_}


def description_json(
    description: Description, *, absolute: bool = False, links: Links | None = None
) -> Json:
    return {
        "caption": description.caption,
        "tags": [{"text": tag.text, "score": round(tag.score, 4)} for tag in description.tags],
        "nearest": [hit_json(hit, absolute=absolute, links=links) for hit in description.nearest],
    }


def stats_json(stats: LibraryStats, *, device: str | None = None) -> Json:
    """`device` is where the model runs, null where no model is loaded."""
    return {
        "images": stats.images,
        "locations": stats.locations,
        "skipped": stats.skipped,
        "captions": stats.captions,
        "model": stats.model,
        "captioner": stats.captioner,
        "device": device,
        "collections": stats.collections,
        "revision": stats.revision,
    }


def root_json(root: RootStats) -> Json:
    """A folder that was added; its path is absolute."""
    return {
        **path_json(root.path),
        "collection": root.collection,
        "files": root.files,
        "whole": root.whole,
        "last_run": time_json(root.last_run),
    }


def failure_json(failure: Failure, roots: Sequence[Root] | None = None) -> Json:
    """A skipped file. With `roots` its path is relative to the root that holds it."""
    path = failure.path if roots is None else _below(failure.path, roots)
    return {
        **path_json(path),
        "reason": failure.reason.value,
        "detail": failure.detail,
        "attempts": failure.attempts,
        "at": time_json(failure.at),
    }


def problem_json(problem: Problem) -> Json:
    """What `doctor` found wrong."""
    path = {"path": None} if problem.path is None else path_json(problem.path)
    return {
        "code": problem.code,
        **path,
        "image_id": problem.image_id,
        "detail": problem.detail,
    }


def path_json(path: bytes) -> Json:
    """`path` as text; `path_bytes` beside it where the text had to be escaped."""
    if _is_undecodable(path):
        return {"path": path_text(path), "path_bytes": _base64(path)}
    return {"path": path_text(path)}


def path_text(path: bytes) -> str:
    r"""UTF-8 where it is, `\xff` for a byte that is not."""
    return path.decode("utf-8", "backslashreplace")


def time_json(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, whole seconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _picture_json(image: ImageRecord, absolute: bool, links: Links | None) -> Json:
    path = _path(image.locations[0], absolute) if image.locations else None
    shown: Json = {
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
    return shown


def _path(location: Location, absolute: bool) -> bytes:
    return location.absolute if absolute else location.path


def _below(path: bytes, roots: Iterable[Root]) -> bytes:
    """`path` without its innermost root; a path below none of them keeps only its name."""
    folders = [root.path.rstrip(b"/") + b"/" for root in roots]
    holding = max((folder for folder in folders if path.startswith(folder)), key=len, default=None)
    return path.rsplit(b"/", 1)[-1] if holding is None else path[len(holding) :]


def _is_undecodable(path: bytes) -> bool:
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _base64(path: bytes) -> str:
    return base64.b64encode(path).decode("ascii")
