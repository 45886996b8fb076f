"""What the library holds and lacks, as JSON: counts, folders, skipped files, what doctor finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from .. import records
from ..errors import Reason
from ..records import Failure, LibraryStats, RootStats
from .values import Json, Moment, Path, path_json, shape, time_json

if TYPE_CHECKING:
    from ..findings import Finding


@shape
class Stats(TypedDict):
    images: Annotated[int, Field(description="Distinct contents.")]
    locations: Annotated[int, Field(description="Files.")]
    skipped: Annotated[int, Field(description="Files that could not be indexed.")]
    captions: Annotated[int, Field(description="Images with a caption.")]
    model: str | None
    captioner: str | None
    device: str | None
    collections: dict[str, int]
    revision: int


@shape
class FacetValue(TypedDict):
    value: Annotated[str, Field(description="As the filter takes it.")]
    count: Annotated[int, Field(description="Images.")]
    label: Annotated[str, Field(description="The value in words.")]
    swatch: NotRequired[Annotated[str, Field(description="Of a colour: how it looks, #d3282f.")]]


@shape
class Facet(TypedDict):
    name: Annotated[str, Field(description="Of the filter.")]
    values: Annotated[list[FacetValue], Field(description="The most frequent first.")]


@shape
class SkippedFile(TypedDict):
    path: str
    path_bytes: NotRequired[
        Annotated[str, Field(description="Base64, only where `path` had to be escaped.")]
    ]
    reason: Reason
    detail: str
    attempts: int
    at: Moment | None


class Root(Path):
    """A folder that was added; its path is absolute."""

    collection: str
    files: int
    whole: bool
    last_run: Moment | None


def facet_json(facet: records.Facet) -> Facet:
    return {"name": facet.name, "values": [_value_json(one) for one in facet.values]}


def _value_json(one: records.FacetValue) -> FacetValue:
    value: FacetValue = {"value": one.value, "count": one.count, "label": one.label}
    if one.shade:
        value["swatch"] = one.shade
    return value


def stats_json(stats: LibraryStats, *, device: str | None = None) -> Stats:
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


def root_json(root: RootStats) -> Root:
    return {
        **path_json(root.path),
        "collection": root.collection,
        "files": root.files,
        "whole": root.whole,
        "last_run": time_json(root.last_run),
    }


def failure_json(failure: Failure, roots: Sequence[records.Root] | None = None) -> SkippedFile:
    """A skipped file. With `roots` its path is relative to the root that holds it."""
    path = failure.path if roots is None else _below(failure.path, roots)
    return {
        **path_json(path),
        "reason": failure.reason,
        "detail": failure.detail,
        "attempts": failure.attempts,
        "at": time_json(failure.at),
    }


def finding_json(finding: Finding) -> Json:
    """What `doctor` found wrong."""
    path = {"path": None} if finding.path is None else path_json(finding.path)
    return {
        "code": finding.code.value,
        **path,
        "image_id": finding.image_id,
        "detail": finding.detail,
    }


def _below(path: bytes, roots: Iterable[records.Root]) -> bytes:
    """`path` without its innermost root; a path below none of them keeps only its name."""
    folders = [root.path.rstrip(b"/") + b"/" for root in roots]
    holding = max((folder for folder in folders if path.startswith(folder)), key=len, default=None)
    return path.rsplit(b"/", 1)[-1] if holding is None else path[len(holding) :]
