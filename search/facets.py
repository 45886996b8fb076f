"""Facets: what the images of an answer have that a filter could ask for, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from .columns import Columns
from .filters import Filters, OneOf
from .query import Query
from .records import Facet, FacetValue, Ids

LANGUAGES = ("en", "zh")


class Answering(Protocol):
    """Who knows which images answer a query."""

    def __call__(self, query: Query) -> Ids | None:
        """Their ids; None: all that pass its filters."""


@dataclass(frozen=True, slots=True)
class Counting:
    """The facets of the answer to one query.

    A filter's own condition is left out of its facet: it shows what else could be chosen.
    """

    query: Query
    columns: Columns
    answering: Answering
    _known: dict[Filters, Ids | None] = field(default_factory=dict)  # what was ranked already

    def facet(self, kind: OneOf, prefix: str = "") -> Facet:
        """The most frequent value first; with `prefix`, of those with a word that begins so."""
        counts = self._counts(kind, self.query.filters.without(kind.name))
        if prefix:
            counts = {value: n for value, n in counts.items() if begins(kind, value, prefix)}
        return Facet(kind.name, _ordered(kind, counts))

    def _counts(self, kind: OneOf, filters: Filters) -> dict[str, int]:
        if filters not in self._known:
            self._known[filters] = self.answering(replace(self.query, filters=filters))
        ids = self._known[filters]
        if ids is None:
            return self.columns.counts(kind, filters, self.query.no_hits)
        return self.columns.counts_among(kind, ids)


def begins(kind: OneOf, value: str, prefix: str) -> bool:
    """Whether the value, or a word of it in any language, begins like that."""
    wanted = prefix.casefold().strip()
    said = [value, *(kind.shown(value, language) for language in LANGUAGES)]
    beginnings = [word for text in said for word in (text, *text.split())]
    return any(word.casefold().startswith(wanted) for word in beginnings)


def _ordered(kind: OneOf, counts: Mapping[str, int]) -> tuple[FacetValue, ...]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        FacetValue(value, count, kind.shown(value), kind.shades.get(value))
        for value, count in ordered
    )
