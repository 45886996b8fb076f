"""Requests -> checked values: strict JSON, forms, query strings.

A JSON field that we do not know is an error; a parameter of the query string that we do not know is
ignored, since links get decorated on their way.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar, get_origin

from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from search.records import Query

from .errors import Fault, RequestError, reject
from .questions import MAX_TERMS, SearchRequest

MAX_BODY = 20 * 1024 * 1024  # bytes
MAX_FORM_FIELD = 64 * 1024  # bytes
MAX_PARTS = 110

LATER = frozenset({"tag", "colour", "attributes", "price"})  # in the contract, not yet supported

NUMBERS: dict[str, type[int] | type[float]] = {
    "limit": int,
    "offset": int,
    "image_id": int,
    "min_score": float,
}
_NUMERAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")

Model = TypeVar("Model", bound=BaseModel)


def read_parameters(model: type[Model], args: MultiDict[str, str]) -> Model:
    """A query string as `model`; an empty value is one that was not given."""
    for name in sorted(LATER & set(args)):
        if any(args.getlist(name)):
            reject(f"/{name}", "not_supported", "this filter is not supported yet")
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
        reject("/image", "too_many", "one picture at a time")
    if not parts and "image" in request.form:
        reject("/image", "not_a_file", "the part `image` needs a file name")
    data = parts[0].read() if parts else b""
    if required and not data:
        reject("/image", "missing", "there is no picture in the part `image`")
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


def _value(name: str, text: str) -> Any:
    """A number where one is due and `text` is one; else the model says what is wrong with it."""
    kind = NUMBERS.get(name)
    if kind is None or not _NUMERAL.fullmatch(text):
        return text
    return kind(text) if kind is float or text.lstrip("-").isdigit() else text
