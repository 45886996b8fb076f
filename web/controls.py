"""The fields of the page's form, one for each filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.filters import FILTERS, Choice, Filter, Moment, Numbers, OneOf, Pairs, Period, Text

from .requests import FilterFields


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form. It shows the first of several values; `kept` are the others."""

    name: str
    label: str
    kind: str  # "select" | "date" | "text"
    value: str = ""
    kept: Sequence[str] = ()
    options: Sequence[tuple[str, str]] = ()  # values and their words; the first one is no filter
    example: str = ""


def controls(
    asked: FilterFields, known: Mapping[str, Sequence[str]], language: str
) -> list[Control]:
    """A field for each filter; `known` are the names that the library has, by filter."""
    return [
        _control(kind, asked.values_of(kind), known, language)
        for kind in FILTERS
        if _shown(kind, known)
    ]


def _control(
    kind: Filter, values: Sequence[Any], known: Mapping[str, Sequence[str]], language: str
) -> Control:
    written = [kind.shown(v) if isinstance(kind.values, Moment) else str(v) for v in values]
    first, *others = written or [""]
    options = _options(kind, known.get(kind.name, ()), language)
    if options and first not in dict(options):
        options.append((first, first))  # not in the library, but asked for
    return Control(
        name=kind.name,
        label=kind.label.said(language),
        kind="select" if options else "date" if isinstance(kind.values, Moment) else "text",
        value=first,
        kept=others,
        options=options,
        example=kind.values.example
        if isinstance(kind.values, Text | Period | Numbers | Pairs)
        else "",
    )


def _shown(kind: Filter, known: Mapping[str, Sequence[str]]) -> bool:
    """Those of products only where there are some."""
    return not kind.shop or kind.name in known


def _options(kind: Filter, known: Sequence[str], language: str) -> list[tuple[str, str]]:
    if not isinstance(kind, OneOf) or isinstance(kind.values, Period):
        return []
    if kind.shop and isinstance(kind.values, Text):
        return []  # too many to list
    values = list(kind.values.options) if isinstance(kind.values, Choice) else known
    anything = ("", kind.anything.said(language))
    return [anything, *((str(value), kind.shown(value, language)) for value in values)]
