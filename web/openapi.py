"""The OpenAPI 3.1 document, built from the models of requests (`requests`) and of `responses`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from search.formats import MEDIA_TYPES, in_words
from search.thumbnails import MEDIA_TYPE, SIDE, WIDTHS

from . import limits, requests, responses
from .errors import PROBLEM_TYPE
from .problems import meaning_of

REF = "#/components/schemas/{model}"
SAFE_PROBLEMS = (400, 500, 503)  # any operation may answer these


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address."""

    method: str
    path: str
    id: str
    summary: str
    answer: type[BaseModel] | None = None
    parameters: type[BaseModel] | None = None
    bodies: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    binary: Mapping[str, str] = field(default_factory=dict)  # media type -> what it is
    query: Sequence[dict[str, Any]] = ()


PICTURE = {
    "type": "string",
    "format": "binary",
    "contentMediaType": "application/octet-stream",
    "description": f"A picture file: {in_words('or')}, {limits.PICTURE} at most.",
}

SEARCH_FORM = {
    "schema": {
        "type": "object",
        "properties": {
            "image": PICTURE,
            "request": {"$ref": "#/components/schemas/SearchRequest"},
        },
    },
    "encoding": {"request": {"contentType": "application/json"}},
}

IMAGE_FORM = {
    "schema": {"type": "object", "properties": {"image": PICTURE}, "required": ["image"]},
}

WIDTH = {
    "name": "w",
    "in": "query",
    "description": "Longest side in pixels.",
    "schema": {"type": "integer", "enum": list(WIDTHS), "default": SIDE},
}

VERSION = {
    "name": "v",
    "in": "query",
    "description": "Beginning of the content's hash, as `links.thumb` has it; the answer may then "
    "be kept for ever.",
    "schema": {"type": "string"},
}

FILES = {media_type: "The file as it was indexed." for media_type in MEDIA_TYPES.values()}


def _json(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    return {"application/json": {"schema": _ref(model)}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


OPERATIONS = (
    Operation(
        "get",
        "/api/v1/search",
        "searchWords",
        "Find images by words.",
        responses.SearchResult,
        requests.SearchParameters,
        problems=(422,),
    ),
    Operation(
        "post",
        "/api/v1/search",
        "search",
        "Find images by words, by a picture, by an image of the library, or by a mixture. With a "
        "picture, send multipart/form-data: the file in `image`, the rest as JSON in `request`.",
        responses.SearchResult,
        bodies={
            **_json(requests.SearchRequest),
            "multipart/form-data": SEARCH_FORM,
        },
        problems=(404, 413, 415, 422),
    ),
    Operation(
        "post",
        "/api/v1/search/batch",
        "searchBatch",
        "Up to 32 searches at once. Each item has the `status` it would have had alone.",
        responses.BatchAnswer,
        bodies=_json(requests.BatchRequest),
        problems=(413, 415, 422),
    ),
    Operation(
        "post",
        "/api/v1/describe",
        "describe",
        "Caption, tags and nearest images of a picture that need not be in the library.",
        responses.Description,
        bodies={"multipart/form-data": IMAGE_FORM},
        problems=(413, 415, 422),
    ),
    Operation(
        "get",
        "/api/v1/images",
        "listImages",
        "The library page by page; pass `next_cursor` as `cursor` until it is null.",
        responses.ImagePage,
        requests.ListParameters,
        problems=(422,),
    ),
    Operation(
        "get", "/api/v1/images/{id}", "getImage", "One image.", responses.Image, problems=(404,)
    ),
    Operation(
        "get",
        "/api/v1/images/{id}/similar",
        "similarImages",
        "Neighbours of an image, nearest first, without itself.",
        responses.SearchResult,
        requests.SimilarParameters,
        problems=(404, 422),
    ),
    Operation(
        "get",
        "/api/v1/images/{id}/thumb",
        "getThumbnail",
        "A small JPEG without metadata.",
        binary={MEDIA_TYPE: "The thumbnail."},
        query=(WIDTH, VERSION),
        problems=(404, 422),
    ),
    Operation(
        "get",
        "/api/v1/images/{id}/original",
        "getOriginal",
        "The file, as an attachment.",
        binary=FILES,
        problems=(404, 409),
    ),
    Operation("get", "/api/v1/stats", "getStats", "What the library holds.", responses.Stats),
    Operation(
        "get", "/api/v1/collections", "listCollections", "Its collections.", responses.Collections
    ),
    Operation(
        "get",
        "/api/v1/skipped",
        "listSkipped",
        "Files that could not be indexed, and why.",
        responses.SkippedPage,
        requests.SkippedParameters,
        problems=(422,),
    ),
    Operation("get", "/api/v1/version", "getVersion", "The program's version.", responses.Version),
    Operation("get", "/healthz", "getHealth", "The process is there.", responses.Status),
    Operation(
        "get",
        "/readyz",
        "getReadiness",
        "The model is loaded and the index open; else 503 with the reason.",
        responses.Status,
    ),
)


@cache
def document(version: str) -> dict[str, Any]:
    """All that a client needs to know to be written."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
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
        "components": {"schemas": _schemas()},
    }


def _schemas() -> dict[str, Any]:
    bodies = [(requests.SearchRequest, "validation"), (requests.BatchRequest, "validation")]
    replies = [(model, "validation") for model in responses.MODELS]
    _, schemas = models_json_schema([*bodies, *replies], ref_template=REF)  # type: ignore[list-item]
    found: dict[str, Any] = schemas["$defs"]
    return found


def _operation(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.bodies:
        told["requestBody"] = {"required": True, "content": dict(operation.bodies)}
    return told


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters = [*operation.query]
    if "{id}" in operation.path:
        schema = {"type": "integer", "minimum": 1, "maximum": requests.MAX_ID}
        parameters.append({"name": "id", "in": "path", "required": True, "schema": schema})
    if operation.parameters is not None:
        model = operation.parameters.model_json_schema(ref_template=REF)
        needed = model.get("required", [])
        for name, told in model["properties"].items():
            parameters.append(_parameter(name, told, name in needed))
    return parameters


def _parameter(name: str, told: dict[str, Any], required: bool) -> dict[str, Any]:
    """Lists are repeated (`collection=a&collection=b`), as OpenAPI has it by default."""
    schema = {key: value for key, value in told.items() if key not in ("description", "title")}
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": told.get("description", ""),
        "schema": schema,
    }


def _responses(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if operation.answer is not None:
        content = {"application/json": {"schema": _ref(operation.answer)}}
    for media_type in operation.binary:
        content[media_type] = {"schema": {"type": "string", "format": "binary"}}
    words = operation.answer.__name__ if operation.answer else "The file."
    told: dict[str, Any] = {"200": {"description": words, "content": content}}
    for status in sorted({*SAFE_PROBLEMS, *operation.problems}):
        told[str(status)] = {
            "description": meaning_of(status),
            "content": {PROBLEM_TYPE: {"schema": _ref(responses.Problem)}},
        }
    return told
