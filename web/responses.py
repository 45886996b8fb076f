"""The shapes of our answers, for the OpenAPI document: what search/serialization.py writes.

Tests hold every real answer against these models, so that the document cannot drift.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from search.errors import Reason

from .requests import Format


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Links(Answer):
    """Absolute paths on this server."""

    self: str = Field(description="This image as JSON.")
    thumb: str = Field(description="JPEG, 320 px at most; w=160 and w=640 exist too.")
    similar: str = Field(description="Its neighbours.")
    original: str = Field(description="The file itself.")
    page: str = Field(description="The page for people.")


class Scores(Answer):
    """Raw cosines of the question with the image's vectors; null where there is none."""

    image: float | None
    caption: float | None
    words: float | None = Field(description="Not computed yet: always null.")


class Picture(Answer):
    id: int = Field(description="Never given twice.")
    collection: str
    path: str | None = Field(
        description=r"Relative to its root; bytes that are no UTF-8 are shown as \xff."
    )
    path_bytes: str = Field(
        "", description="Base64 of the path, only where `path` had to be escaped."
    )
    caption: str | None
    width: int = Field(description="Pixels, upright.")
    height: int
    format: Format
    taken_at: datetime | None
    tags: list[str] = Field(description="Not given yet: always empty.")
    thumbhash: str | None = Field(description="Not computed yet: always null.")
    duplicates: int = Field(description="Further paths that hold the same content.")
    links: Links


class Hit(Picture):
    rank: int = Field(ge=1, description="From 1.")
    score: float = Field(ge=0, le=1, description="Calibrated relevance, falling with rank.")
    relevance: Literal["strong", "weak", "none"]
    scores: Scores
    matched_by: list[Literal["picture", "caption"]] = Field(
        description="Which evidence would have been enough alone."
    )


class Caption(Answer):
    text: str
    language: str
    source: str = Field(description="The captioner's name, or `human`.")


class Image(Picture):
    locations: list[str] = Field(description="All its paths; the first one is `path`.")
    locations_bytes: list[str] = Field(
        [], description="Base64 of each, only where one had to be escaped."
    )
    captions: list[Caption]
    content_hash: str = Field(description="SHA-256 of the file, hexadecimal.")
    added_at: datetime


class QueryPart(Answer):
    kind: Literal["text", "picture", "image", "not", "more_like", "less_like"]
    value: str | int | None


class ReadQuery(Answer):
    """The question as it was read."""

    text: str | None
    image_id: int | None
    read_as: list[QueryPart]
    truncated: bool = Field(description="The text was longer than the model reads.")


class SearchResult(Answer):
    hits: list[Hit]
    limit: int
    offset: int
    total: int = Field(
        description="Strong and weak hits after the filters; with relevance `any`, all images."
    )
    next_offset: int | None = Field(description="Offset of the next page; null on the last one.")
    query: ReadQuery
    revision: int = Field(description="State of the library that this answer reflects.")
    took_ms: float


class Fault(Answer):
    pointer: str = Field(description="JSON pointer to the part, or /name of a parameter.")
    code: str
    message: str


class Problem(Answer):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable; for programs.")
    detail: str = Field(description="For people.")
    instance: str
    request_id: str
    errors: list[Fault]


class BatchResult(SearchResult):
    status: Literal[200]


class BatchAnswer(Answer):
    results: list[BatchResult | Problem] = Field(description="One for each search, in their order.")


class Tag(Answer):
    text: str
    score: float


class Description(Answer):
    caption: str | None
    tags: list[Tag]
    nearest: list[Hit]


class ImagePage(Answer):
    images: list[Image]
    limit: int
    next_cursor: str | None


class Stats(Answer):
    images: int = Field(description="Distinct contents.")
    locations: int = Field(description="Files.")
    skipped: int = Field(description="Files that could not be indexed.")
    captions: int = Field(description="Images with a caption.")
    model: str | None
    captioner: str | None
    device: str | None
    collections: dict[str, int]
    revision: int


class Collection(Answer):
    name: str
    images: int


class Collections(Answer):
    collections: list[Collection]


class SkippedFile(Answer):
    path: str
    path_bytes: str = Field("", description="Base64, only where `path` had to be escaped.")
    reason: Reason
    detail: str
    attempts: int
    at: datetime | None


class SkippedPage(Answer):
    skipped: list[SkippedFile]
    limit: int
    next_cursor: str | None


class Version(Answer):
    name: str
    version: str
    api: Literal["v1"]


class Status(Answer):
    status: Literal["ok", "ready"]
    detail: str | None = None  # why the library's model is not the one that answers


MODELS: list[type[BaseModel]] = [
    SearchResult,
    BatchAnswer,
    Description,
    ImagePage,
    Image,
    Stats,
    Collections,
    SkippedPage,
    Version,
    Status,
    Problem,
]
