"""Addresses of the search page: each says all about it; what is a default is not said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from search.filters import FILTERS, Moment
from search.query import Target
from search.sorting import ORDERS, Sort

from . import requests, wording

_MOMENTS = {kind.name for kind in FILTERS if isinstance(kind.values, Moment)}
_DEFAULTS = {name: field.default for name, field in requests.PageParameters.model_fields.items()}


def chips(asked: requests.PageParameters) -> Iterator[tuple[str, str]]:
    """Each active filter, and the address without it."""
    language = wording.language()
    for kind in FILTERS:
        values = asked.values_of(kind)
        for value in values:
            rest = [other for other in values if other != value]
            yield kind.said(value, language), address(asked, **{kind.name: rest, "offset": 0})
    if asked.target != "hybrid":
        words = wording.TARGETS[Target(asked.target)].said(language)
        yield words.lower(), address(asked, target="hybrid", offset=0)
    if asked.sort != "relevance":
        words = ORDERS[Sort(asked.sort)].label.said(language)
        yield words.lower(), address(asked, sort="relevance", offset=0)
    if asked.relevance:
        yield wording.FORM["ranked"].said(language), address(asked, relevance=None, offset=0)


def address(asked: requests.PageParameters | Mapping[str, Any], **changes: Any) -> str:
    """The search page with these parameters; what is a default is not said."""
    if isinstance(asked, requests.PageParameters):
        given: dict[str, Any] = asked.model_dump(mode="json", exclude_defaults=True)
        given.pop("limit", None)
        if changes.get("cursor") is None:
            given.pop("cursor", None)
    else:
        given = dict(asked)
    given.update(changes)
    pairs = {
        name: _short_time(value) if name in _MOMENTS else _plain(value)
        for name, value in sorted(given.items(), key=lambda item: item[0] != "q")
        if value and value != _DEFAULTS.get(name)
    }
    base = url_for("pages.search")
    return f"{base}?{urlencode(pairs, doseq=True)}" if pairs else base


def _plain(value: Any) -> Any:
    """A small number has no exponent, which requests do not read."""
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else value


def _short_time(value: Any) -> Any:
    """Midnight is a day, as a date field gives it."""
    return value.removesuffix("T00:00:00Z") if isinstance(value, str) else value
