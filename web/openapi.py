"""The OpenAPI 3.1 document, made of what endpoints declare and of the shapes that they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

from search.formats import in_words
from search.products import MAX_SKU

from . import limits
from .endpoint import Endpoint, File, Picture
from .errors import PROBLEM_TYPE
from .fields import MAX_ID
from .problems import meaning_of
from .requests import SearchRequest
from .responses import Problem

REF = "#/components/schemas/{model}"
ANY_PROBLEM = (400, 500, 503)  # any endpoint may answer these

IMAGE = {
    "type": "string",
    "format": "binary",
    "contentMediaType": "application/octet-stream",
    "description": f"A picture file: {in_words('or')}, {limits.PICTURE} at most.",
}


@cache
def document(version: str, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """All that a client needs to know to be written."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pomona",
            "version": version,
            "description": "Finds pictures by words, and words by pictures. "
            "Within v1, fields and addresses are only ever added: ignore what you do not know.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": _schemas(endpoints)},
    }


def _schemas(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Of all that is sent and answered, but for parameters: these stand with their operations."""
    bodies = [each.reads for each in endpoints if each.reads and each.method != "GET"]
    answers = [each.gives for each in endpoints if not isinstance(each.gives, File)]
    # A batch names SearchRequest, whose items it reads one by one.
    shapes = dict.fromkeys([SearchRequest, *bodies, *answers, Problem])
    inputs = [(shape.__name__, "validation", TypeAdapter(shape)) for shape in shapes]
    _, schemas = TypeAdapter.json_schemas(inputs, ref_template=REF)  # type: ignore[arg-type]
    found: dict[str, Any] = schemas["$defs"]
    return found


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _camel(endpoint.name),
        "summary": endpoint.summary,
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
    }
    if endpoint.scope:
        operation["x-scope"] = endpoint.scope.value
    if bodies := _bodies(endpoint):
        operation["requestBody"] = {"required": True, "content": bodies}
    return operation


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _bodies(endpoint: Endpoint) -> dict[str, Any]:
    reads = endpoint.reads
    if endpoint.picture is Picture.NEEDED:
        return {"multipart/form-data": {"schema": _form(["image"])}}
    if reads is None or endpoint.method == "GET":
        return {}
    bodies: dict[str, Any] = {"application/json": {"schema": _ref(reads)}}
    if endpoint.picture is Picture.AMONG_FIELDS:
        fields = reads.model_json_schema(ref_template=REF)
        bodies["multipart/form-data"] = {
            "schema": _form(fields.get("required", []), **fields["properties"])
        }
    elif endpoint.picture:
        bodies["multipart/form-data"] = {
            "schema": _form([], request=_ref(reads)),
            "encoding": {"request": {"contentType": "application/json"}},
        }
    return bodies


def _form(required: list[str], **parts: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"image": IMAGE, **parts}}
    return {**schema, "required": required} if required else schema


def _ref(shape: type) -> dict[str, str]:
    return {"$ref": REF.format(model=shape.__name__)}


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    parameters = []
    if "{id}" in endpoint.path:
        schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
        parameters.append({"name": "id", "in": "path", "required": True, "schema": schema})
    if "{sku}" in endpoint.path:
        sku = {"type": "string", "minLength": 1, "maxLength": MAX_SKU}
        parameters.append({"name": "sku", "in": "path", "required": True, "schema": sku})
    if endpoint.method == "GET" and endpoint.reads:
        parameters += _of_query_string(endpoint.reads)
    return parameters


def _of_query_string(model: type[BaseModel]) -> list[dict[str, Any]]:
    whole = model.model_json_schema(ref_template=REF)
    needed = whole.get("required", [])
    return [_parameter(name, field, name in needed) for name, field in whole["properties"].items()]


def _parameter(name: str, field: dict[str, Any], required: bool) -> dict[str, Any]:
    schema = {key: value for key, value in field.items() if key not in ("description", "title")}
    parameter = {
        "name": name,
        "in": "query",
        "required": required,
        "description": field.get("description", ""),
        "schema": _as_text(schema),
    }
    if parameter["schema"].get("type") == "array":
        return {**parameter, "style": "form", "explode": True}
    return parameter


def _as_text(schema: dict[str, Any]) -> dict[str, Any]:
    """What a query string can say: there is no null in it, and one value is a list of one
    (`collection=a&collection=b`)."""
    options = [option for option in schema.pop("anyOf", []) if option.get("type") != "null"]
    options = [option for option in options if option.get("type") == "array"] or options
    if schema.get("default", "") is None:
        del schema["default"]
    return {**schema, **options[0]} if len(options) == 1 else {**schema, **_any_of(options)}


def _any_of(options: list[dict[str, Any]]) -> dict[str, Any]:
    return {"anyOf": options} if options else {}


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": _answer(endpoint)}
    for status in sorted({*ANY_PROBLEM, *endpoint.problems}):
        responses[str(status)] = {
            "description": meaning_of(status),
            "content": {PROBLEM_TYPE: {"schema": _ref(Problem)}},
        }
    return responses


def _answer(endpoint: Endpoint) -> dict[str, Any]:
    if isinstance(endpoint.gives, File):
        schema = {"type": "string", "format": "binary"}
        content = {kind: {"schema": schema} for kind in endpoint.gives.media_types}
        return {"description": "The file.", "content": content}
    content = {"application/json": {"schema": _ref(endpoint.gives)}}
    return {"description": endpoint.gives.__name__, "content": content}
