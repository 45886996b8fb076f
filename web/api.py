"""The JSON API, version 1. docs/api.md describes it; /api/v1/openapi.json is generated from it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from typing import Any

from flask import Blueprint, Response, request

from search import serialization
from search.records import Failure, Sort

from . import app_state, openapi, payloads, requests
from .app_state import engine
from .errors import problem_of
from .json_response import json_response
from .links import links

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
health = Blueprint("health", __name__)


@blueprint.get("/search")
def search_words() -> Response:
    query = payloads.read_parameters(requests.SearchParameters, request.args).to_query()
    return json_response(serialization.result_json(app_state.search(query), query, links=links))


@blueprint.post("/search")
def search() -> Response:
    query = payloads.read_search(request)
    return json_response(serialization.result_json(app_state.search(query), query, links=links))


@blueprint.post("/search/batch")
def search_batch() -> Response:
    batch = payloads.parse(requests.BatchRequest, payloads.read_body(request))
    return json_response({"results": [_answer(asked) for asked in batch.searches]})


@blueprint.post("/describe")
def describe() -> Response:
    image = payloads.read_image(request)
    description = app_state.describe(image or b"")
    return json_response(serialization.description_json(description, links=links))


@blueprint.get("/images")
def images() -> Response:
    asked = payloads.read_parameters(requests.ListParameters, request.args)
    found, following = engine().images(asked.filters(), Sort(asked.sort), asked.cursor, asked.limit)
    return json_response(
        {
            "images": [serialization.image_json(image, links=links) for image in found],
            "limit": asked.limit,
            "next_cursor": following,
        }
    )


@blueprint.get("/images/<image_id:image_id>")
def image(image_id: int) -> Response:
    return json_response(serialization.image_json(engine().image(image_id), links=links))


@blueprint.get("/images/<image_id:image_id>/similar")
def similar(image_id: int) -> Response:
    asked = payloads.read_parameters(requests.SimilarParameters, request.args)
    query = asked.to_query(image_id)
    return json_response(serialization.result_json(app_state.search(query), query, links=links))


@blueprint.get("/stats")
def stats() -> Response:
    ready = engine()
    return json_response(
        serialization.stats_json(ready.stats(), device=ready.model.encoder.device.name)
    )


@blueprint.get("/collections")
def collections() -> Response:
    named = engine().stats().collections
    return json_response(
        {"collections": [{"name": name, "images": count} for name, count in named.items()]}
    )


@blueprint.get("/skipped")
def skipped() -> Response:
    asked = payloads.read_parameters(requests.SkippedParameters, request.args)
    store = engine().store
    roots = store.roots.all()
    found = itertools.islice(_failures(asked), asked.limit + 1)
    page = list(found)
    return json_response(
        {
            "skipped": [
                serialization.failure_json(failure, roots) for _, failure in page[: asked.limit]
            ],
            "limit": asked.limit,
            "next_cursor": str(page[asked.limit][0]) if len(page) > asked.limit else None,
        }
    )


@blueprint.get("/version")
def version() -> Response:
    return json_response({"name": "pomona", "version": _version(), "api": "v1"})


@blueprint.get("/openapi.json")
def openapi_document() -> Response:
    return json_response(openapi.document(_version()))


@health.get("/healthz")
def healthz() -> Response:
    """The process is there."""
    return json_response({"status": "ok"})


@health.get("/readyz")
def readyz() -> Response:
    """The model is loaded and the index open; else 503 and why not."""
    ready = engine()
    ready.refresh()
    problem = ready.model_problem
    return json_response({"status": "ready", **({"detail": problem} if problem else {})})


def _answer(asked: Any) -> dict[str, Any]:
    """One result of a batch, or its problem; each with the status that it would have had alone."""
    try:
        query = payloads.parse(requests.SearchRequest, asked).to_query()
        return {
            "status": 200,
            **serialization.result_json(app_state.search(query), query, links=links),
        }
    except Exception as error:
        return problem_of(error).json()


def _failures(asked: requests.SkippedParameters) -> Iterator[tuple[int, Failure]]:
    """From the cursor on, each with its place in the whole list."""
    store, place = engine().store, int(asked.cursor or 0)
    while chunk := store.failures.all(after=place, limit=1000):
        for failure in chunk:
            if asked.reason in (None, failure.reason):
                yield place, failure
            place += 1


@cache
def _version() -> str:
    try:
        return metadata.version("pomona")
    except metadata.PackageNotFoundError:
        return "0+unknown"
