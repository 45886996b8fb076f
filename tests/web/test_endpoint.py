"""A declaration is all that an endpoint needs: it is served, read, checked and documented by it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import Field
from typing_extensions import TypedDict

from search.settings import Settings
from search.shapes.values import shape
from tests.web.library import WatchedEngine
from web import create_app
from web.endpoint import Endpoints, File, Picture, Scope, endpoints_of
from web.fields import Body
from web.openapi import document
from web.requests import FilterFields

endpoint = Endpoints("mine", "/api/v1")


class Asked(Body):
    how_many: int = Field(default=1, strict=True, ge=0, description="Of them.")
    at_most: float | None = Field(default=None, strict=True)


@shape
class Told(TypedDict):
    how_many: int
    at_most: float | None


@endpoint("GET", "/mine", reads=Asked, gives=Told, scope=Scope.READ, problems=(422,))
def get_mine(asked: Asked) -> Told:
    """What was asked for,
    told again."""
    return {"how_many": asked.how_many, "at_most": asked.at_most}


@endpoint("POST", "/mine/{id}", reads=Asked, picture=Picture.OPTIONAL, gives=Told)
def send_mine(asked: Asked, picture: bytes | None, image_id: int) -> Told:
    """With a picture."""
    return {"how_many": image_id, "at_most": float(len(picture or b""))}


@pytest.fixture
def app(library: Path, engine: WatchedEngine) -> Flask:
    app = create_app(Settings(library=library), engine)
    app.register_blueprint(endpoint.blueprint)
    return app


def operation(app: Flask, path: str, method: str) -> dict[str, Any]:
    told: dict[str, Any] = document("1", endpoints_of(app))["paths"][path][method]
    return told


def test_numbers_of_a_query_string_are_read_by_their_type_alone(client: FlaskClient) -> None:
    assert client.get("/api/v1/mine?how_many=3&at_most=2.5").json == {"how_many": 3, "at_most": 2.5}
    assert client.get("/api/v1/mine?at_most=2").json == {"how_many": 1, "at_most": 2.0}


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("how_many=1.0", "int_type", "must be a whole number"),
        ("how_many=%2B1", "int_type", "must be a whole number"),
        ("how_many=1_0", "int_type", "must be a whole number"),
        ("how_many=-1", "greater_than_equal", "must be at least 0"),
        ("at_most=many", "float_type", "must be a number"),
        ("at_most=inf", "float_type", "must be a number"),
    ],
)
def test_what_is_no_such_number_is_refused(
    client: FlaskClient, query: str, code: str, message: str
) -> None:
    answer = client.get(f"/api/v1/mine?{query}")
    assert answer.status_code == 422
    (fault,) = answer.json["errors"]
    assert (fault["code"], fault["message"]) == (code, message)


def test_in_a_body_a_number_is_no_text(client: FlaskClient) -> None:
    answer = client.post("/api/v1/mine/7", json={"how_many": "3"})
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "int_type")


def test_a_picture_comes_beside_the_json_and_ids_by_name(client: FlaskClient) -> None:
    assert client.post("/api/v1/mine/7", json={}).json == {"how_many": 7, "at_most": 0.0}
    form = {"image": (io.BytesIO(b"12345"), "x.jpg"), "request": "{}"}
    assert client.post("/api/v1/mine/8", data=form).json == {"how_many": 8, "at_most": 5.0}


def test_it_is_documented_as_it_is_declared(app: Flask) -> None:
    told = operation(app, "/api/v1/mine", "get")
    assert (told["operationId"], told["summary"]) == ("getMine", "What was asked for, told again.")
    assert told["x-scope"] == "read"
    assert {*told["responses"]} == {"200", "400", "422", "500", "503"}
    assert [parameter["schema"] for parameter in told["parameters"]] == [
        {"type": "integer", "minimum": 0, "default": 1},
        {"type": "number"},
    ]
    sent = operation(app, "/api/v1/mine/{id}", "post")
    assert {*sent["requestBody"]["content"]} == {"application/json", "multipart/form-data"}
    assert sent["parameters"][0]["name"] == "id"


def test_every_endpoint_but_those_for_everybody_has_a_scope(app: Flask) -> None:
    without = {each.path for each in endpoints_of(app) if each.scope is None}
    assert without == {"/healthz", "/readyz", "/api/v1/version", "/api/v1/mine/{id}"}


def test_lists_of_a_query_string_are_plain_arrays(app: Flask) -> None:
    """A client that is generated from anyOf(one, many) sends what no filter means."""
    told = {p["name"]: p for p in operation(app, "/api/v1/images", "get")["parameters"]}
    for name, field in FilterFields.model_fields.items():
        schema = told[name]["schema"]
        if field.default == []:
            assert (schema["type"], told[name]["style"], told[name]["explode"]) == (
                "array",
                "form",
                True,
            )
            assert "items" in schema
        assert '"null"' not in str(schema)


def test_one_value_of_a_list_needs_no_list(client: FlaskClient) -> None:
    one, many = (
        [image["id"] for image in client.get(f"/api/v1/images?{query}").json["images"]]
        for query in ("collection=cars", "collection=cars&collection=default")
    )
    assert (one, sorted(many)) == ([4], [1, 2, 3, 4])


def test_what_gives_files_names_their_types(app: Flask) -> None:
    (original,) = (each for each in endpoints_of(app) if each.name == "get_original")
    assert isinstance(original.gives, File)
    assert "image/avif" in original.gives.media_types
