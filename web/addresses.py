"""Addresses of the search page: each says all about it; what is a default is not said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from search.query import Target
from search.records import Orientation, Sort

from . import requests, wording


def chips(asked: requests.PageParameters) -> Iterator[tuple[str, str]]:
    """Each active filter, and the address without it."""
    for name in ("collection", "folder", "orientation", "format"):
        values = getattr(asked, name)
        for value in values:
            rest = [other for other in values if other != value]
            yield _chip_words(name, value), address(asked, **{name: rest, "offset": 0})
    if asked.taken_after:
        yield f"since {asked.taken_after:%Y-%m-%d}", address(asked, taken_after=None, offset=0)
    if asked.taken_before:
        yield f"before {asked.taken_before:%Y-%m-%d}", address(asked, taken_before=None, offset=0)
    if asked.target != "hybrid":
        words = wording.TARGETS[Target(asked.target)]
        yield words.lower(), address(asked, target="hybrid", offset=0)
    if asked.sort != "relevance":
        yield wording.SORTS[Sort(asked.sort)].lower(), address(asked, sort="relevance", offset=0)
    if asked.relevance:
        yield "everything, ranked", address(asked, relevance=None, offset=0)


def _chip_words(name: str, value: str | Orientation) -> str:
    if isinstance(value, Orientation):
        return wording.ORIENTATIONS[value].lower()
    return f"in {name} {value}" if name in ("collection", "folder") else value


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
        name: _short_time(value) if name.startswith("taken_") else value
        for name, value in sorted(given.items(), key=lambda item: item[0] != "q")
        if value and (name, value) not in (("target", "hybrid"), ("sort", "relevance"))
    }
    base = url_for("pages.search")
    return f"{base}?{urlencode(pairs, doseq=True)}" if pairs else base


def _short_time(value: Any) -> Any:
    """Midnight is a day, as a date field gives it."""
    return value.removesuffix("T00:00:00Z") if isinstance(value, str) else value
