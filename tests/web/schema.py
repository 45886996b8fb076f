"""The part of JSON Schema (2020-12) that our OpenAPI document uses, as a check of real answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}

KNOWN = {
    "$ref", "additionalProperties", "anyOf", "const", "contentMediaType", "default",
    "description", "enum", "exclusiveMinimum", "format", "items", "maxItems", "maxLength",
    "maximum", "minItems", "minLength", "minimum", "pattern", "properties", "required", "title",
    "type",
}  # fmt: skip


def faults(
    schema: dict[str, Any], value: Any, document: dict[str, Any], at: str = "$"
) -> list[str]:
    """What is wrong with `value`; a keyword that this check does not know is wrong as well."""
    return list(_faults(schema, value, document, at))


def resolve(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _faults(schema: dict[str, Any], value: Any, document: dict[str, Any], at: str) -> Iterator[str]:
    schema = resolve(schema, document)
    yield from (f"{at}: unknown keyword {word}" for word in set(schema) - KNOWN)
    if "anyOf" in schema and all(faults(part, value, document, at) for part in schema["anyOf"]):
        yield f"{at}: {value!r} fits none of {schema['anyOf']}"
    if "type" in schema:
        right = isinstance(value, TYPES[schema["type"]])
        if not right or (isinstance(value, bool) and schema["type"] in ("integer", "number")):
            yield f"{at}: {value!r} is no {schema['type']}"
            return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{at}: {value!r} is less than {schema['minimum']}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"{at}: {value!r} is more than {schema['maximum']}"
    if schema.get("format") == "date-time":
        datetime.fromisoformat(value)
    if isinstance(value, list) and "items" in schema:
        for place, item in enumerate(value):
            yield from _faults(schema["items"], item, document, f"{at}[{place}]")
    if isinstance(value, dict):
        yield from _object_faults(schema, value, document, at)


def _object_faults(
    schema: dict[str, Any], value: dict[str, Any], document: dict[str, Any], at: str
) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (
        f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value
    )
    for name, item in value.items():
        if name in known:
            yield from _faults(known[name], item, document, f"{at}.{name}")
            continue
        extra = schema.get("additionalProperties", True)
        if extra is False:
            yield f"{at}: {name} is not in the schema"
        elif isinstance(extra, dict):
            yield from _faults(extra, item, document, f"{at}.{name}")
