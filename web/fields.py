"""What a part of a request may be: texts, numbers, names of a closed list, and each filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError

from search.filters import (
    FILTERS,
    Choice,
    Filter,
    Moment,
    Numbers,
    Pair,
    Pairs,
    Period,
    faceted,
)
from search.query import MAX_TEXT, MAX_WEIGHT, Collapse, Target
from search.ranges import BOUNDS, Range
from search.records import Sort
from search.shapes.values import OneOf
from search.thumbnails import WIDTHS

MAX_TERMS = 50  # in one list of a filter
MAX_ID = 10**18 - 1


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain NUL characters")
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_no_nul)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_no_nul)]
Whole = Annotated[int, Field(strict=True)]
Id = Annotated[int, Field(strict=True, ge=1, le=MAX_ID)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Weight = Annotated[float, Field(strict=True, ge=0, le=MAX_WEIGHT, allow_inf_nan=False)]
Cursor = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")]
Fields = TypeVar("Fields", bound="Body")


def _one_or_more(item: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(
        {"anyOf": [item, {"type": "array", "items": item, "maxItems": MAX_TERMS}]}
    )


def _by_name(value: object) -> object:
    """{"brand": ["acme"]} is what brand:acme is."""
    if not isinstance(value, dict):
        return _listed(value)
    pairs = []
    for name, given in value.items():
        texts = _listed(given)
        if not isinstance(texts, list):
            raise ValueError("must have a text or a list of texts for each name")
        pairs += [f"{name}:{each}" for each in texts]
    return pairs


def _by_name_or_more(item: dict[str, Any]) -> WithJsonSchema:
    text = {"type": "string"}
    texts = {"anyOf": [text, {"type": "array", "items": text}]}
    listed = {"type": "array", "items": item, "maxItems": MAX_TERMS}
    return WithJsonSchema(
        {"anyOf": [{"type": "object", "additionalProperties": texts}, item, listed]}
    )


TargetName = Annotated[str, OneOf.of(Target)]
CollapseName = Annotated[str, OneOf.of(Collapse)]
SortName = Annotated[str, OneOf.of(Sort)]
FacetNames = Annotated[
    list[Annotated[str, OneOf.of(kind.name for kind in faceted())]], Field(max_length=MAX_TERMS)
]
DateSortName = Annotated[str, OneOf.of(sort for sort in Sort if sort is not Sort.RELEVANCE)]


def _width(value: object) -> object:
    if value in WIDTHS:
        return value
    *others, last = WIDTHS
    expected = f"{', '.join(map(str, others))} or {last}"
    raise PydanticCustomError("invalid", "must be {expected}", {"expected": expected})


Width = Annotated[
    int, BeforeValidator(_width), WithJsonSchema({"type": "integer", "enum": [*WIDTHS]})
]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _field(kind: Filter) -> Any:
    """Of a model: type and description, as the table of filters has them."""
    item, schema = _item(kind)
    if not kind.many:
        return Annotated[item, WithJsonSchema(schema)] | None, Field(None, description=kind.help)
    values = Annotated[
        list[item],  # type: ignore[valid-type]
        Field(max_length=MAX_TERMS),
        BeforeValidator(_by_name if isinstance(kind.values, Pairs) else _listed),
        _by_name_or_more(schema) if isinstance(kind.values, Pairs) else _one_or_more(schema),
    ]
    return values, Field([], description=kind.help)


_AS_TEXT = PlainSerializer(str)  # in an address
_BOUNDS: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "number"} for name in BOUNDS},
    "minProperties": 1,
    "additionalProperties": False,
}


def _item(kind: Filter) -> tuple[Any, dict[str, Any]]:
    match kind.values:
        case Moment():
            formats = [{"type": "string", "format": name} for name in ("date", "date-time")]
            return Annotated[datetime, BeforeValidator(kind.read)], {"anyOf": formats}
        case Period() as period:
            schema = {"type": "string", "examples": [period.example]}
            return Annotated[str, BeforeValidator(kind.read)], schema
        case Numbers(example):
            bounds = {"anyOf": [_BOUNDS, {"type": "string", "examples": [example]}]}
            return Annotated[Range, BeforeValidator(kind.read), _AS_TEXT], bounds
        case Pairs(example):
            return Annotated[Pair, BeforeValidator(kind.read), _AS_TEXT], {
                "type": "string",
                "examples": [example],
            }
        case Choice(options, called):
            schema = {"type": "string", "enum": [str(option) for option in options]}
            return Annotated[_listed_type(options), BeforeValidator(_by_any_name(called))], schema
    return Name, {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}


def _listed_type(options: Iterable[str]) -> Any:
    kinds = {type(option) for option in options}
    return Literal[tuple(options)] if kinds == {str} else kinds.pop()


def _by_any_name(called: Callable[[str], str | None] | None) -> Callable[[object], object]:
    """What is not a value by any name stays, for the message."""
    return lambda value: (called(value) if called and isinstance(value, str) else None) or value


def with_filters(model: type[Fields]) -> type[Fields]:
    """The same model with one field for each filter there is."""
    fields: dict[str, Any] = {kind.name: _field(kind) for kind in FILTERS}
    return create_model(
        model.__name__, __base__=model, __doc__=model.__doc__, __module__=model.__module__, **fields
    )
