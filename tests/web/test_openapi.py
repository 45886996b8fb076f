from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from openapi_spec_validator import validate

from search.filters import BY_NAME
from tests.pictures import jpeg

PICTURE = {"image": jpeg((200, 30, 30))}

# operation, address, keyword arguments of the request, status
CALLS: list[tuple[str, str, str, dict[str, Any], int]] = [
    ("/api/v1/search", "get", "?q=red&limit=2", {}, 200),
    ("/api/v1/search", "get", "?limit=2", {}, 422),
    ("/api/v1/search", "post", "", {"json": {"query": {"text": "apple"}}}, 200),
    ("/api/v1/search", "post", "", {"json": {"query": {"image_id": 1}}}, 200),
    ("/api/v1/search", "post", "", {"json": {"query": {"image_id": 99}}}, 404),
    ("/api/v1/search", "post", "", {"data": PICTURE}, 200),
    ("/api/v1/search", "post", "", {"data": {"image": b"no"}}, 422),
    ("/api/v1/search", "post", "", {"data": b"x"}, 415),
    (
        "/api/v1/search/batch",
        "post",
        "",
        {"json": {"searches": [{"query": {"text": "a"}}, 5]}},
        200,
    ),
    ("/api/v1/describe", "post", "", {"data": PICTURE}, 200),
    ("/api/v1/rank", "post", "", {"json": {"image_id": 1, "texts": ["red", "blue"]}}, 200),
    ("/api/v1/images", "get", "?limit=3", {}, 200),
    ("/api/v1/images/{id}", "get", "", {}, 200),
    ("/api/v1/images/{id}/similar", "get", "?limit=5", {}, 200),
    ("/api/v1/stats", "get", "", {}, 200),
    ("/api/v1/collections", "get", "", {}, 200),
    ("/api/v1/skipped", "get", "", {}, 200),
    ("/api/v1/version", "get", "", {}, 200),
    ("/healthz", "get", "", {}, 200),
    ("/readyz", "get", "", {}, 200),
]


FORMATS = FormatChecker(())


@FORMATS.checks("date-time", ValueError)
def _is_a_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def checked(schema: dict[str, Any], document: dict[str, Any]) -> Draft202012Validator:
    """A check of values against `schema`, whose references lead into the document."""
    whole = {**schema, "components": document["components"]}
    return Draft202012Validator(whole, format_checker=FORMATS)


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/v1/openapi.json").json
    return answer


@pytest.mark.parametrize(("path", "method", "query", "sent", "status"), CALLS)
def test_real_answers_have_the_documented_shape(
    client: FlaskClient,
    document: dict[str, Any],
    path: str,
    method: str,
    query: str,
    sent: dict[str, Any],
    status: int,
) -> None:
    if isinstance(sent.get("data"), dict):
        sent = {"data": {"image": (io.BytesIO(sent["data"]["image"]), "x.jpg")}}
    answer = client.open(path.replace("{id}", "4") + query, method=method.upper(), **sent)
    assert answer.status_code == status
    told = document["paths"][path][method]["responses"][str(status)]
    (schema,) = (
        content["schema"]
        for kind, content in told["content"].items()
        if kind == answer.content_type
    )
    checked(schema, document).validate(answer.json)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"images": "many"}, "images"),
        ({"more": 1}, ""),
        ({"collections": {"default": "three"}}, "collections"),
    ],
)
def test_an_answer_of_another_shape_is_found(
    client: FlaskClient, document: dict[str, Any], wrong: dict[str, Any], where: str
) -> None:
    right = client.get("/api/v1/stats").json
    check = checked({"$ref": "#/components/schemas/Stats"}, document)
    check.validate(right)
    with pytest.raises(ValidationError) as caught:
        check.validate({**right, **wrong})
    assert ([*caught.value.path] or [""])[0] == where


def named(rule: str) -> str:
    """An address as OpenAPI has it."""
    return rule.replace("<image_id:image_id>", "{id}").replace("<path:sku>", "{sku}")


def test_every_address_is_documented_and_the_other_way_round(
    app: Flask, document: dict[str, Any]
) -> None:
    served = {
        (named(rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/healthz", "/readyz"))
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    documented = {
        (path, method) for path, operations in document["paths"].items() for method in operations
    }
    assert served - {("/api/v1/openapi.json", "get")} == documented


def test_the_document_is_one_of_openapi_3_1(document: dict[str, Any]) -> None:
    """By the specification; it also follows every reference."""
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_parameters_are_told_with_their_bounds(document: dict[str, Any]) -> None:
    told = {p["name"]: p for p in document["paths"]["/api/v1/search"]["get"]["parameters"]}
    assert set(told) == {
        *("q", "syntax", "facets", "limit", "offset", "target", "sort", "relevance", "min_score"),
        "collapse",
        *BY_NAME,
    }
    assert {"collection", "folder", "taken_after", "format"} < set(told)
    assert told["q"]["required"]
    assert (told["limit"]["schema"]["minimum"], told["limit"]["schema"]["maximum"]) == (1, 200)


def test_a_picture_is_sent_as_a_file_beside_json(document: dict[str, Any]) -> None:
    form = document["paths"]["/api/v1/search"]["post"]["requestBody"]["content"][
        "multipart/form-data"
    ]
    assert form["encoding"]["request"]["contentType"] == "application/json"
    assert "image" in form["schema"]["properties"]


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names))
