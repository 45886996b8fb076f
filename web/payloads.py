"""Requests -> checked values: strict JSON, forms, query strings.

A JSON field that we do not know is an error; a parameter of the query string that we do not know is
ignored, since links get decorated on their way.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from inspect import isclass
from itertools import islice
from typing import Any, NoReturn, TypeVar, get_args, get_origin

from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from search.refusals import refuse_raw

from . import limits
from .errors import Fault, RequestError, reject
from .wording import fault_message

MAX_FAULTS = 50  # named in one answer

MAX_DIGITS = 100  # of a whole number in JSON; Python's own limit would speak in its own words

LATER = frozenset({"tag"})  # in the contract, not yet supported

_NUMERALS: dict[type, re.Pattern[str]] = {
    int: re.compile(r"-?[0-9]{1,18}"),
    float: re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?"),
}

Model = TypeVar("Model", bound=BaseModel)


def read_parameters(model: type[Model], args: MultiDict[str, str]) -> Model:
    """A query string as `model`; an empty value is one that was not given."""
    for name in sorted(LATER & set(args)):
        if any(args.getlist(name)):
            reject(f"/{name}", "not_supported", "this filter is not supported yet")
    return _validate(model, _given(model, args))


def read_with_picture(model: type[Model], request: Request) -> tuple[Model, bytes | None]:
    """JSON alone, or multipart with `image` and the JSON as `request`."""
    if request.mimetype == "application/json":
        return parse(model, read_body(request)), None
    if request.mimetype == "multipart/form-data":
        image = read_image(request, required=False, beside=("request",))
        return parse(model, _read_request(request)), image
    raise RequestError(
        "unsupported_media_type", "send application/json, or multipart/form-data with `image`"
    )


def read_fields(model: type[Model], request: Request) -> tuple[Model, bytes | None]:
    """JSON alone, or multipart with each field of `model` as a part and `image` beside them; of a
    list each value is a part, or the whole of it is JSON in one."""
    if request.mimetype == "application/json":
        return parse(model, read_body(request)), None
    image = read_image(request, required=False, beside=set(model.model_fields))
    return _validate(model, _given(model, request.form, read_list=_listed)), image


def read_image(
    request: Request, *, required: bool = True, beside: Collection[str] | None = ()
) -> bytes | None:
    """The bytes of the part `image`. Other parts must be among `beside`; None: a page's form,
    where those that we do not know are ignored."""
    if request.mimetype != "multipart/form-data":
        raise RequestError("unsupported_media_type", "send multipart/form-data with a part `image`")
    if not request.mimetype_params.get("boundary"):
        raise RequestError("bad_request", "the form has no boundary between its parts")
    if beside is not None:
        _refuse_others(request, {"image", *beside})
    parts = request.files.getlist("image")
    if len(parts) + (bool(parts) and len(request.form.getlist("image"))) > 1:
        reject("/image", "too_many", "one picture at a time")
    if not parts and "image" in request.form:
        reject("/image", "not_a_file", "the part `image` needs a file name")
    if parts:
        refuse_raw(parts[0].filename or "")
    data = _read_picture(parts[0]) if parts else b""
    if required and not data:
        reject("/image", "missing", "there is no picture in the part `image`")
    return data or None


def read_body(request: Request) -> Any:
    """A JSON body, as plain values."""
    if request.mimetype != "application/json":
        raise RequestError("unsupported_media_type", "send application/json")
    request.max_content_length = limits.MAX_JSON
    try:
        return read_json(request.get_data())
    except RequestEntityTooLarge:
        raise _too_large("JSON", limits.JSON) from None


def _given(
    model: type[BaseModel],
    args: MultiDict[str, str],
    read_list: Callable[[list[str]], Any] = list,
) -> dict[str, Any]:
    """The fields of `model` that have a value in a query string or a form."""
    given: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        values = [value for value in args.getlist(name) if value]
        if values:
            is_list = get_origin(field.annotation) is list
            given[name] = read_list(values) if is_list else _value(field.annotation, values[0])
    return given


def _listed(parts: list[str]) -> Any:
    """A list that came as JSON in one part; else each part is one of its values."""
    if len(parts) == 1 and parts[0].startswith("["):
        with suppress(ValueError, RecursionError):
            whole = json.loads(parts[0])
            return whole if isinstance(whole, list) else parts
    return parts


def _read_request(request: Request) -> Any:
    """The JSON in the part `request`; a browser's Blob is a file to the parser, text is not."""
    texts = [text.encode("utf-8", "surrogatepass") for text in request.form.getlist("request")]
    files = [file.read(limits.MAX_JSON + 1) for file in request.files.getlist("request")]
    given = [part for part in (*texts, *files) if part]
    if len(given) > 1:
        reject("/request", "too_many", "one `request` at a time")
    if given and len(given[0]) > limits.MAX_JSON:
        raise _too_large("JSON", limits.JSON)
    return read_json(given[0]) if given else {}


def _read_picture(part: FileStorage) -> bytes:
    data: bytes = part.read(limits.MAX_PICTURE + 1)
    if len(data) > limits.MAX_PICTURE:
        raise _too_large("a picture", limits.PICTURE)
    return data


def _refuse_others(request: Request, known: Collection[str]) -> None:
    for name in (*request.form, *request.files):
        if name not in known:
            reject(f"/{_escaped(str(name))}", "unknown_field", "there is no such part")


def _too_large(what: str, most: str) -> RequestError:
    return RequestError("payload_too_large", f"{what} may have at most {most}")


def parse(model: type[Model], payload: Any) -> Model:
    """A JSON value as `model`. Raises RequestError 422 that points at what is wrong.

    Unknown names come first: pydantic would make an error of each of them, and a body has room for
    a hundred thousand.
    """
    if unknown := tuple(islice(_unknown(model, payload), MAX_FAULTS)):
        raise _invalid(unknown)
    return _validate(model, payload)


def read_json(data: bytes) -> Any:
    """Strict JSON: UTF-8, finite numbers, no name twice. Raises RequestError 400."""
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_whole,
            parse_float=_finite,
        )
    except RecursionError:
        raise RequestError("bad_json", "the JSON is nested too deeply") from None
    except UnicodeError:
        raise RequestError("bad_json", "the JSON is not UTF-8") from None
    except ValueError as error:
        cause = str(error) if len(str(error)) < 200 else "a value is too long"
        raise RequestError("bad_json", f"this is not valid JSON: {cause}") from None


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("an object has the same name twice")
    return read


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _validate(model: type[Model], payload: Any) -> Model:
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise _invalid(tuple(_fault(one) for one in found[:MAX_FAULTS])) from None


def _invalid(faults: Sequence[Fault]) -> RequestError:
    message = "; ".join(f"{fault.pointer or 'request'}: {fault.message}" for fault in faults[:3])
    return RequestError("validation_error", message, faults)


def _unknown(model: type[BaseModel], payload: Any, above: str = "") -> Iterator[Fault]:
    """A Fault for each name that `model`, or a model inside it, does not have."""
    for name, value in payload.items() if isinstance(payload, dict) else ():
        field = model.model_fields.get(name)
        pointer = f"{above}/{_escaped(name)}"
        if field is None and name in LATER:
            yield Fault(pointer, "not_supported", "this filter is not supported yet")
        elif field is None:
            yield Fault(pointer, "unknown_field", "there is no such field")
        elif isclass(field.annotation) and issubclass(field.annotation, BaseModel):
            yield from _unknown(field.annotation, value, pointer)


def _fault(found: Mapping[str, Any]) -> Fault:
    pointer = "".join("/" + _escaped(str(part)) for part in found["loc"])
    return Fault(pointer, str(found["type"]), fault_message(found))


def _escaped(part: str) -> str:
    """As a token of a JSON pointer, cut where it is absurdly long."""
    return part[:100].replace("~", "~0").replace("/", "~1")


def _value(annotation: Any, text: str) -> Any:
    """A number where one is due and `text` is one; else the model says what is wrong with it."""
    for kind in _types(annotation):
        numeral = _NUMERALS.get(kind)
        if numeral and numeral.fullmatch(text):
            return kind(text)
    return text


def _types(annotation: Any) -> Iterator[type]:
    """Those that a field's annotation is made of, wherever they stand in it."""
    if isinstance(annotation, type):
        yield annotation
    for part in get_args(annotation):
        yield from _types(part)
