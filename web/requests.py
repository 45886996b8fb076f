"""The shapes of our requests: what they may say, within which bounds, and the query that they mean.

Nothing that is too long, too big or no number reaches the engine. The OpenAPI document is built
from these models, as it is from the shapes of answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from search.errors import Reason
from search.filters import FILTERS, Filter, Filters
from search.language import Line
from search.query import (
    MAX_LIMIT,
    MAX_TEXTS,
    MAX_WINDOW,
    Collapse,
    Image,
    Picture,
    Query,
    Target,
    Term,
)
from search.records import Crop, Sort
from search.requests import terms
from search.thumbnails import SIDE

from .errors import reject
from .fields import (
    Body,
    CollapseName,
    Cursor,
    DateSortName,
    FacetNames,
    Fraction,
    Id,
    Name,
    SortName,
    TargetName,
    Text,
    Weight,
    Whole,
    Width,
    with_filters,
)

MAX_BATCH = 32
MAX_EXAMPLES = 500  # ids in more_like and in less_like


@with_filters
class FilterFields(Body):
    """Which images may be hits. Several values of one kind: any of them."""

    def filters(self) -> Filters:
        given = {kind.name: self.values_of(kind) for kind in FILTERS}
        return Filters(**{name: values for name, values in given.items() if values})

    def values_of(self, kind: Filter) -> list[Any]:
        given = getattr(self, kind.name)
        return list(given) if kind.many else [] if given is None else [given]


class PageFields(Body):
    limit: Whole = Field(default=24, ge=1, le=MAX_LIMIT, description="Hits on this page.")
    offset: Whole = Field(
        default=0,
        ge=0,
        le=MAX_WINDOW - 1,
        description="Hits to skip; offset + limit is at most 10000.",
    )

    @model_validator(mode="after")
    def _within_window(self) -> Self:
        if self.offset + self.limit > MAX_WINDOW:
            raise ValueError(f"offset + limit must be at most {MAX_WINDOW}")
        return self


class EvidenceFields(Body):
    target: TargetName = Field(
        default="hybrid", description="Compare with the picture, with its caption, or with both."
    )
    min_score: Fraction | None = Field(default=None, description="Leave out hits that score less.")
    relevance: Literal["any"] | None = Field(
        default=None, description="`any`: rank every image, relevant or not."
    )
    collapse: CollapseName = Field(
        default="duplicates", description="Images that are nearly the same are one hit, or none is."
    )


SyntaxName = Literal["plain"] | None
SYNTAX: SyntaxName = Field(
    default=None,
    description="`plain`: the words are taken as they stand; else they are read as "
    "docs/query-language.md says.",
)


class RankedFields(PageFields, EvidenceFields):
    """How every search is ranked and cut into pages."""

    sort: SortName = Field(default="relevance", description="Order of the relevant images.")

    def asking(self, asked: tuple[Term, ...], filters: Filters) -> Query:
        return Query(
            asked,
            evidence=Target(self.target).evidence,
            filters=filters,
            sort=Sort(self.sort),
            limit=self.limit,
            offset=self.offset,
            min_score=self.min_score,
            any_relevance=self.relevance == "any",
            collapse=Collapse(self.collapse),
        )


class CountedFields(RankedFields):
    facets: FacetNames = Field(
        default=[], description="Filters whose values are counted in the whole answer."
    )

    def asking(self, asked: tuple[Term, ...], filters: Filters) -> Query:
        return replace(super().asking(asked, filters), facets=tuple(self.facets))


class Weights(Body):
    text: Weight = Field(default=1.0, description="How much the words count.")
    image: Weight = Field(default=1.0, description="How much the picture counts.")


class QueryFields(Body):
    """What to look for. Words, a picture and examples may be mixed; one of them is needed."""

    text: Text | None = Field(
        default=None, description="Words to find, in English or Chinese: the query language."
    )
    syntax: SyntaxName = SYNTAX
    image_id: Id | None = Field(
        default=None, description="An image of the library to find the like of."
    )
    negative: Text | None = Field(default=None, description="Words to stay away from.")
    crop: Annotated[list[Fraction], Field(min_length=4, max_length=4)] | None = Field(
        default=None,
        description="Part of the uploaded picture: left, top, right, bottom as fractions of it.",
    )
    more_like: Annotated[list[Id], Field(max_length=MAX_EXAMPLES)] = Field(
        default=[], description="Images of the library to come closer to."
    )
    less_like: Annotated[list[Id], Field(max_length=MAX_EXAMPLES)] = Field(
        default=[], description="Images of the library to stay away from."
    )
    weights: Weights = Field(default=Weights(), description="Balance of words and picture.")

    @model_validator(mode="after")
    def _crop_is_a_box(self) -> Self:
        if self.crop and not (self.crop[0] < self.crop[2] and self.crop[1] < self.crop[3]):
            raise ValueError("crop must be [left, top, right, bottom], left < right, top < bottom")
        return self

    def line(self) -> Line:
        return Line(self.text or "", plain=self.syntax == "plain", weight=self.weights.text)

    def terms(self, image: bytes | None) -> tuple[Term, ...]:
        """All but those of the line."""
        return terms(
            image=image,
            crop=_crop(self.crop),
            image_id=self.image_id,
            negative=self.negative,
            more_like=self.more_like,
            less_like=self.less_like,
            image_weight=self.weights.image,
        )


class SearchRequest(CountedFields):
    """A search; in multipart requests a part `image` may come with it."""

    query: QueryFields = Field(default=QueryFields(), description="What to look for.")
    filter: FilterFields = Field(default=FilterFields(), description="Which images may be hits.")

    def line(self) -> Line:
        return self.query.line()

    def rest(self, image: bytes | None = None) -> Query:
        """What is asked beside the line."""
        if self.query.crop and image is None:
            reject("/query/crop", "missing_image", "a crop needs an uploaded picture")
        return self.asking(self.query.terms(image), self.filter.filters())


class RankRequest(Body):
    """Texts to order for a picture, which is sent with them or is in the library."""

    texts: Annotated[list[Name], Field(min_length=1, max_length=MAX_TEXTS)] = Field(
        description="What the picture may show, in English or Chinese: words or sentences."
    )
    image_id: Id | None = Field(default=None, description="An image of the library.")

    def picture(self, sent: bytes | None) -> Picture | Image:
        """The one that is meant."""
        if sent is not None and self.image_id is not None:
            reject("/image_id", "too_many", "one picture at a time: `image` or `image_id`")
        if sent is not None:
            return Picture(sent)
        if self.image_id is None:
            reject(
                "/image", "missing", "there is no picture in the part `image`, and no `image_id`"
            )
        return Image(self.image_id)


class BatchRequest(Body):
    """Several searches in one request; each is answered for itself."""

    searches: list[Any] = Field(
        min_length=1,
        max_length=MAX_BATCH,
        json_schema_extra={"items": {"$ref": "#/components/schemas/SearchRequest"}},
    )


class SimilarParameters(FilterFields, CountedFields):
    """Neighbours of an image; all of them are ranked unless `min_score` is given."""

    def to_query(self, image_id: int) -> Query:
        query = self.asking(terms(image_id=image_id), self.filters())
        return replace(query, any_relevance=True)


class SearchParameters(FilterFields, CountedFields):
    q: Name = Field(description="What to find, in English or Chinese: the query language.")
    syntax: SyntaxName = SYNTAX

    def line(self) -> Line:
        if not self.q.strip():
            reject("/q", "missing", "say what to look for")
        return Line(self.q, plain=self.syntax == "plain")

    def rest(self) -> Query:
        return self.asking((), self.filters())


class PageParameters(FilterFields, RankedFields):
    """What the search page takes, as a query string or as a form: everything may be missing."""

    q: Text = ""
    syntax: SyntaxName = None
    image_id: Id | None = None
    cursor: Cursor | None = None

    def line(self) -> Line:
        return Line(self.q, plain=self.syntax == "plain")

    def rest(self, image: bytes | None = None) -> Query:
        """What is asked beside the line."""
        return self.asking(terms(image=image, image_id=self.image_id), self.filters())


class ListParameters(FilterFields):
    cursor: Cursor | None = Field(default=None, description="`next_cursor` of the page before.")
    limit: Whole = Field(default=24, ge=1, le=MAX_LIMIT, description="Images on this page.")
    sort: DateSortName = Field(
        default="newest", description="By the time taken, or added where that is unknown."
    )


class FacetParameters(FilterFields, EvidenceFields):
    q: Text = Field(default="", description="Count what this line finds; none: the library.")
    syntax: SyntaxName = SYNTAX
    image_id: Id | None = Field(default=None, description="Count what is like this image.")
    name: FacetNames = Field(
        default=[], description="Filters to count the values of; none: all that can be counted."
    )
    prefix: Text = Field(
        default="", description="Count values only that have a word which begins like this."
    )

    def line(self) -> Line:
        return Line(self.q, plain=self.syntax == "plain")

    def rest(self) -> Query:
        """What is asked beside the line."""
        return Query(
            terms(image_id=self.image_id),
            evidence=Target(self.target).evidence,
            filters=self.filters(),
            min_score=self.min_score,
            any_relevance=self.relevance == "any",
            collapse=Collapse(self.collapse),
        )


class ProductListParameters(Body):
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = Field(
        default=None, description="`next_cursor` of the page before."
    )
    limit: Whole = Field(default=24, ge=1, le=MAX_LIMIT, description="Products on this page.")


class ProductParameters(Body):
    collection: Name | None = Field(
        default=None,
        description="The collection that the product is of; without it, of several products with "
        "the same SKU the one that came first.",
    )


class SimilarProductParameters(FilterFields, CountedFields):
    """What looks like a product. A filter that is given stands in the place of our own, by which
    it is of the same kind and in stock. `collection` also says which product is meant, where
    several have that SKU."""

    def rest(self) -> Query:
        return self.asking((), self.filters())


class ThumbnailParameters(Body):
    w: Width = Field(default=SIDE, description="Longest side in pixels.")
    v: str = Field(
        default="",
        description="Beginning of the content's hash, as `links.thumb` has it; the answer may then "
        "be kept for ever.",
    )


class SkippedParameters(Body):
    reason: Reason | None = Field(default=None, description="Only files skipped for this reason.")
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,12}$")] | None = Field(
        default=None, description="`next_cursor` of the page before."
    )
    limit: Whole = Field(default=100, ge=1, le=MAX_LIMIT, description="Files on this page.")


def _crop(box: list[float] | None) -> Crop | None:
    return (box[0], box[1], box[2], box[3]) if box else None
