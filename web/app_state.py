"""What the views of one app share: its engine, its library, and how many may search at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app

from search.errors import OverloadedError
from search.language import Line, Reading
from search.query import Image, Picture, Query
from search.records import Description, Facet, RankedText, SearchResult

from .admission import Admission
from .engine import Opening

if TYPE_CHECKING:
    from search.engine import SearchEngine

KEY = "pomona"


@dataclass
class AppState:
    opening: Opening
    library: Path
    admission: Admission = field(default_factory=Admission)


def state_of(app: Flask) -> AppState:
    state: AppState = app.extensions[KEY]
    return state


def engine() -> SearchEngine:
    """The engine of the current app; raises why there is none yet."""
    return state_of(current_app).opening.engine()


def library() -> Path:
    """The folder of the current app's library."""
    return state_of(current_app).library


def read(line: Line, rest: Query) -> Reading:
    """What the line asks for, beside the rest of the question."""
    return engine().read(line, rest)


def search(query: Query) -> SearchResult:
    ready = engine()
    with state_of(current_app).admission.admit():
        return ready.search(query)


def facets(query: Query, names: Sequence[str] | None, prefix: str) -> list[Facet]:
    ready = engine()
    with state_of(current_app).admission.admit():
        return ready.facets(query, names, prefix)


def examples() -> tuple[str, ...]:
    """Words to search for; none while there is more urgent work."""
    ready = engine()
    with suppress(OverloadedError), state_of(current_app).admission.admit():
        return ready.examples()
    return ()


def rank(picture: Picture | Image, texts: Sequence[str]) -> tuple[RankedText, ...]:
    ready = engine()
    with state_of(current_app).admission.admit():
        return ready.rank(picture, texts)


def describe(picture: bytes) -> Description:
    ready = engine()
    with state_of(current_app).admission.admit():
        return ready.describe(picture)
