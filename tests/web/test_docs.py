"""docs/api.md names every address, code and parameter that there is."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from search.filters import BY_NAME
from web import problems, requests

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def test_every_address_is_described(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/api/", "/healthz", "/readyz")):
            address = re.sub(r"<\w+:(?:image_)?(\w+)>", r"{\1}", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert f"| {method} `{address}` |" in TEXT


def test_every_parameter_is_described() -> None:
    for name in set(requests.SearchParameters.model_fields) - set(BY_NAME):
        assert f"`{name}`" in TEXT, name
    for name in requests.QueryFields.model_fields:
        assert f"query.{name}" in TEXT, name


def test_every_code_is_described() -> None:
    for kind in problems.KINDS:
        row = rf"^\| {kind.status} \|[^|]*`{kind.code}`"
        assert re.search(row, TEXT, re.MULTILINE), f"{kind.status} {kind.code}"
