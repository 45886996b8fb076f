"""Requests -> queries, validated. The models here are also what the OpenAPI document says of them.

Bounds come first: nothing that is too long, too deep, too big or no number reaches the engine. A
JSON field that we do not know is an error; a query-string parameter that we do not know is ignored,
since links get decorated on their way.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar, get_origin

from flask import Request
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from werkzeug.datastructures import MultiDict

from search.errors import Reason
from search.query import MAX_LIMIT, MAX_TEXT, MAX_WINDOW
from search.records import Crop, Filters, Orientation, Query, Sort, Target

from .errors import Fault, RequestError
from .wording import FORMATS

MAX_BODY = 20 * 1024 * 1024  # bytes
MAX_FORM_FIELD = 64 * 1024  # bytes
MAX_PARTS = 110
MAX_TERMS = 50  # in one list of a filter
MAX_BATCH = 32
MAX_EXAMPLES = 500  # ids in more_like and in less_like
MAX_ID = 10**18 - 1

NO_MOMENT = "must be a date such as 2024-01-31, or a time such as 2024-01-31T12:00:00Z"
LATER = frozenset({"tag", "colour", "attributes", "price"})  # in the contract, not yet supported

NUMBERS: dict[str, type[int] | type[float]] = {
    "limit": int,
    "offset": int,
    "image_id": int,
    "min_score": float,
}
_NUMERAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")

Model = TypeVar("Model", bound=BaseModel)


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain NUL characters")
    return text


def _moment(value: object) -> object:
    """A date is the beginning of its day; without an offset, UTC."""
    if not isinstance(value, str):
        raise ValueError(
            "must be a date such as 2024-01-31, or a time such as 2024-01-31T12:00:00Z"
        )
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(NO_MOMENT) from None


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _upper(value: object) -> object:
    if isinstance(value, list):
        return [item.upper() if isinstance(item, str) else item for item in value]
    return value


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_no_nul)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_no_nul)]
Id = Annotated[int, Field(strict=True, ge=1, le=MAX_ID)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Weight = Annotated[float, Field(strict=True, ge=0, le=10, allow_inf_nan=False)]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
            ]
        }
    ),
]


def _one_or_more(item: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(
        {"anyOf": [item, {"type": "array", "items": item, "maxItems": MAX_TERMS}]}
    )


Names = Annotated[
    list[Name],
    Field(max_length=MAX_TERMS),
    BeforeValidator(_listed),
    _one_or_more({"type": "string", "minLength": 1, "maxLength": MAX_TEXT}),
]
Orientations = Annotated[
    list[Orientation],
    Field(max_length=MAX_TERMS),
    BeforeValidator(_listed),
    _one_or_more({"type": "string", "enum": [value.value for value in Orientation]}),
]
Format = Literal["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF"]
Formats = Annotated[
    list[Format],
    Field(max_length=MAX_TERMS),
    BeforeValidator(_upper),
    BeforeValidator(_listed),
    _one_or_more({"type": "string", "enum": list(FORMATS)}),
]
# Words are no target of their own yet: they join with the words of captions in a later version.
TargetName = Literal["image", "caption", "hybrid"]
SortName = Literal["relevance", "newest", "oldest"]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FilterFields(Body):
    """Which images may be hits. Several values of one kind: any of them."""

    collection: Names = Field(default=[], description="Names of collections.")
    folder: Names = Field(
        default=[], description="Folders, relative to their root, with all below them."
    )
    taken_after: Moment | None = Field(default=None, description="Taken at this time or later.")
    taken_before: Moment | None = Field(default=None, description="Taken before this time.")
    orientation: Orientations = Field(default=[], description="Shape of the picture.")
    format: Formats = Field(default=[], description="File format, by content.")

    def filters(self) -> Filters:
        return Filters(
            collections=tuple(self.collection),
            folders=tuple(self.folder),
            taken_after=self.taken_after,
            taken_before=self.taken_before,
            orientations=tuple(self.orientation),
            formats=tuple(self.format),
        )


class PageFields(Body):
    limit: Annotated[int, Field(strict=True)] = Field(
        default=24, ge=1, le=MAX_LIMIT, description="Hits on this page."
    )
    offset: Annotated[int, Field(strict=True)] = Field(
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


class RankingFields(Body):
    target: TargetName = Field(
        default="hybrid", description="Compare with the picture, with its caption, or with both."
    )
    sort: SortName = Field(default="relevance", description="Order of the relevant images.")
    min_score: Fraction | None = Field(default=None, description="Leave out hits that score less.")
    relevance: Literal["any"] | None = Field(
        default=None, description="`any`: rank every image, relevant or not."
    )


class Weights(Body):
    text: Weight = Field(default=1.0, description="How much the words count.")
    image: Weight = Field(default=1.0, description="How much the picture counts.")


class QueryFields(Body):
    """What to look for. Words, a picture and examples may be mixed; one of them is needed."""

    text: Text | None = Field(default=None, description="Words to find, in English or Chinese.")
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


class SearchRequest(PageFields, RankingFields):
    """A search; in multipart requests a part `image` may come with it."""

    query: QueryFields = Field(default=QueryFields(), description="What to look for.")
    filter: FilterFields = Field(default=FilterFields(), description="Which images may be hits.")
    collapse: Literal["duplicates"] = Field(
        default="duplicates", description="Copies of one file are one hit."
    )

    def to_query(self, image: bytes | None = None) -> Query:
        if self.query.crop and image is None:
            _reject("/query/crop", "missing_image", "a crop needs an uploaded picture")
        return Query(
            text=_words(self.query.text),
            image=image,
            image_id=self.query.image_id,
            crop=_crop(self.query.crop),
            negative=_words(self.query.negative),
            more_like=tuple(self.query.more_like),
            less_like=tuple(self.query.less_like),
            text_weight=self.query.weights.text,
            image_weight=self.query.weights.image,
            target=Target(self.target),
            filters=self.filter.filters(),
            sort=Sort(self.sort),
            limit=self.limit,
            offset=self.offset,
            min_score=self.min_score,
            any_relevance=self.relevance == "any",
        )


class BatchRequest(Body):
    """Several searches in one request; each is answered for itself."""

    searches: list[Any] = Field(
        min_length=1,
        max_length=MAX_BATCH,
        json_schema_extra={"items": {"$ref": "#/components/schemas/SearchRequest"}},
    )


class SimilarParameters(FilterFields, PageFields, RankingFields):
    """Neighbours of an image; all of them are ranked unless `min_score` is given."""

    def to_query(self, image_id: int) -> Query:
        return Query(
            image_id=image_id,
            target=Target(self.target),
            filters=self.filters(),
            sort=Sort(self.sort),
            limit=self.limit,
            offset=self.offset,
            min_score=self.min_score,
            any_relevance=True,
        )


class SearchParameters(FilterFields, PageFields, RankingFields):
    q: Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_no_nul)] = Field(
        description="Words to find, in English or Chinese."
    )

    def to_query(self) -> Query:
        if not self.q.strip():
            _reject("/q", "missing", "say what to look for")
        return Query(
            text=self.q.strip(),
            target=Target(self.target),
            filters=self.filters(),
            sort=Sort(self.sort),
            limit=self.limit,
            offset=self.offset,
            min_score=self.min_score,
            any_relevance=self.relevance == "any",
        )


class PageParameters(FilterFields, PageFields, RankingFields):
    """What the search page takes, as a query string or as a form: everything may be missing."""

    q: Text = ""
    image_id: Id | None = None
    cursor: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")] | None = None

    def to_query(self, image: bytes | None = None) -> Query:
        return Query(
            text=_words(self.q),
            image=image,
            image_id=self.image_id,
            target=Target(self.target),
            filters=self.filters(),
            sort=Sort(self.sort),
            limit=self.limit,
            offset=self.offset,
            min_score=self.min_score,
            any_relevance=self.relevance == "any",
        )


class ListParameters(FilterFields):
    cursor: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")] | None = Field(
        default=None, description="`next_cursor` of the page before."
    )
    limit: Annotated[int, Field(strict=True)] = Field(
        default=24, ge=1, le=MAX_LIMIT, description="Images on this page."
    )
    sort: Literal["newest", "oldest"] = Field(
        default="newest", description="By the time taken, or added where that is unknown."
    )


class SkippedParameters(Body):
    reason: Reason | None = Field(default=None, description="Only files skipped for this reason.")
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,12}$")] | None = Field(
        default=None, description="`next_cursor` of the page before."
    )
    limit: Annotated[int, Field(strict=True)] = Field(
        default=100, ge=1, le=MAX_LIMIT, description="Files on this page."
    )


def read_parameters(model: type[Model], args: MultiDict[str, str]) -> Model:
    """A query string as `model`; an empty value is one that was not given."""
    for name in sorted(LATER & set(args)):
        if any(args.getlist(name)):
            _reject(f"/{name}", "not_supported", "this filter is not supported yet")
    given: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        values = [value for value in args.getlist(name) if value]
        if values:
            is_list = get_origin(field.annotation) is list
            given[name] = values if is_list else _value(name, values[0])
    return _validate(model, given)


def read_search(request: Request) -> Query:
    """POST /search: JSON, or multipart with `image` and `request`."""
    if request.mimetype == "application/json":
        return parse(SearchRequest, read_body(request)).to_query()
    if request.mimetype == "multipart/form-data":
        image = read_image(request, required=False)
        told = request.form.get("request", "")
        body = parse(
            SearchRequest, read_json(told.encode("utf-8", "surrogatepass")) if told else {}
        )
        return body.to_query(image)
    raise RequestError(
        415, "unsupported_media_type", "send application/json, or multipart/form-data with `image`"
    )


def read_image(request: Request, *, required: bool = True) -> bytes | None:
    """The bytes of the part `image`."""
    if request.mimetype != "multipart/form-data":
        raise RequestError(
            415, "unsupported_media_type", "send multipart/form-data with a part `image`"
        )
    parts = request.files.getlist("image")
    if len(parts) > 1:
        _reject("/image", "too_many", "one picture at a time")
    if not parts and "image" in request.form:
        _reject("/image", "not_a_file", "the part `image` needs a file name")
    data = parts[0].read() if parts else b""
    if required and not data:
        _reject("/image", "missing", "there is no picture in the part `image`")
    return data or None


def read_body(request: Request) -> Any:
    """A JSON body, as plain values."""
    if request.mimetype != "application/json":
        raise RequestError(415, "unsupported_media_type", "send application/json")
    return read_json(request.get_data())


def parse(model: type[Model], payload: Any) -> Model:
    """A JSON value as `model`. Raises RequestError 422 that points at what is wrong."""
    return _validate(model, payload)


def read_json(data: bytes) -> Any:
    """Strict JSON: UTF-8, finite numbers, no name twice. Raises RequestError 400."""
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except RecursionError:
        raise RequestError(400, "bad_json", "the JSON is nested too deeply") from None
    except UnicodeError:
        raise RequestError(400, "bad_json", "the JSON is not UTF-8") from None
    except ValueError as error:
        told = str(error) if len(str(error)) < 200 else "a value is too long"
        raise RequestError(400, "bad_json", f"this is not valid JSON: {told}") from None


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("an object has the same name twice")
    return read


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _validate(model: type[Model], payload: Any) -> Model:
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        faults = tuple(_fault(found) for found in error.errors(include_url=False))[:MAX_TERMS]
        told = "; ".join(f"{fault.pointer or 'request'}: {fault.message}" for fault in faults[:3])
        raise RequestError(422, "validation_error", told, faults) from None


def _fault(found: Mapping[str, Any]) -> Fault:
    pointer = "".join("/" + _escaped(str(part)) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        if found["loc"][-1] in LATER:
            return Fault(pointer, "not_supported", "this filter is not supported yet")
        return Fault(pointer, "unknown_field", "there is no such field")
    message = str(found["msg"]).removeprefix("Value error, ")
    return Fault(pointer, str(found["type"]), message)


def _escaped(part: str) -> str:
    """As a token of a JSON pointer, cut where it is absurdly long."""
    return part[:100].replace("~", "~0").replace("/", "~1")


def _reject(pointer: str, code: str, message: str) -> NoReturn:
    raise RequestError(422, "validation_error", message, (Fault(pointer, code, message),))


def _value(name: str, text: str) -> Any:
    """A number where one is due and `text` is one; else the model says what is wrong with it."""
    kind = NUMBERS.get(name)
    if kind is None or not _NUMERAL.fullmatch(text):
        return text
    return kind(text) if kind is float or text.lstrip("-").isdigit() else text


def _words(text: str | None) -> str | None:
    return text.strip() or None if text is not None else None


def _crop(box: list[float] | None) -> Crop | None:
    return (box[0], box[1], box[2], box[3]) if box else None
