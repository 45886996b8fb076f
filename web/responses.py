"""The shapes of answers that only the API gives; those of the library are in search/shapes/."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from search.shapes.hits import SearchResult
from search.shapes.library import Facet, SkippedFile
from search.shapes.pictures import Image
from search.shapes.products import Product
from search.shapes.values import shape


@shape
class Fault(TypedDict):
    pointer: Annotated[str, Field(description="JSON pointer to the part, or /name of a parameter.")]
    code: str
    message: str


@shape
class Problem(TypedDict):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    code: Annotated[str, Field(description="Stable; for programs.")]
    detail: Annotated[str, Field(description="For people.")]
    instance: str
    request_id: str
    errors: list[Fault]


@shape
class BatchResult(SearchResult):
    status: Literal[200]


@shape
class BatchAnswer(TypedDict):
    results: Annotated[
        list[BatchResult | Problem], Field(description="One for each search, in their order.")
    ]


@shape
class ImagePage(TypedDict):
    images: list[Image]
    limit: int
    next_cursor: str | None


@shape
class Collection(TypedDict):
    name: str
    images: int


@shape
class Collections(TypedDict):
    collections: list[Collection]


@shape
class Facets(TypedDict):
    facets: list[Facet]


@shape
class ProductPage(TypedDict):
    products: list[Product]
    limit: int
    next_cursor: Annotated[str | None, Field(description="null on the last page.")]


@shape
class SkippedPage(TypedDict):
    skipped: list[SkippedFile]
    limit: int
    next_cursor: str | None


@shape
class Version(TypedDict):
    name: str
    version: str
    api: Literal["v1"]


@shape
class Status(TypedDict):
    status: Literal["ok", "ready"]
    detail: NotRequired[
        Annotated[str, Field(description="Why another model than the library's answers.")]
    ]
