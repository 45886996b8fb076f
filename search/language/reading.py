"""What a line was read as."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from ..query import MAX_WEIGHT, Query, Term, Words
from ..records import Filters, Sort
from .conditions import Condition
from .spelling import Correction

Part = Term | Condition | Sort


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a question as somebody typed them, before they are read."""

    text: str = ""
    plain: bool = False  # all of it is words, as they stand
    weight: float = 1.0  # of its words, beside a picture


NO_LINE = Line()


@dataclass(frozen=True, slots=True)
class Reading:
    """The parts of a line in their order, and what was not taken as it stood."""

    line: Line
    parts: tuple[Part, ...] = ()
    corrections: tuple[Correction, ...] = ()
    unknown: tuple[str, ...] = ()  # words that neither the library nor the model knows

    @property
    def terms(self) -> tuple[Term, ...]:
        return tuple(part for part in self.parts if not isinstance(part, Condition | Sort))

    @property
    def filters(self) -> Filters:
        """Several values of one filter: any of them; the last one where it takes but one."""
        values: defaultdict[str, list[Any]] = defaultdict(list)
        for part in self.parts:
            if isinstance(part, Condition):
                kept = values[part.kind.name] if part.kind.many else []
                values[part.kind.name] = [*kept, part.value]
        return Filters(**values)

    @property
    def sort(self) -> Sort | None:
        return next((part for part in reversed(self.parts) if isinstance(part, Sort)), None)

    def without(self, part: Part) -> tuple[Part, ...]:
        return tuple(other for other in self.parts if other != part)

    def as_typed(self) -> tuple[Part, ...]:
        """The parts with each correction taken back."""
        return tuple(self._typed(part) if isinstance(part, Words) else part for part in self.parts)

    def _typed(self, words: Words) -> Words:
        text = words.text
        for each in self.corrections:
            text = re.sub(rf"\b{re.escape(each.used)}\b", each.typed, text)
        return words if text == words.text else replace(words, text=text, also=())

    def within(self, rest: Query) -> Query:
        """The question that has this line for its words, and `rest` for all else.

        A filter that both have passes what either asks for; the line's own order goes first.
        """
        own = tuple(_weighted(term, self.line.weight) for term in self.terms)
        return replace(
            rest,
            terms=own + rest.terms,
            filters=_both(rest.filters, self.filters),
            sort=self.sort or rest.sort,
        )


def _weighted(term: Term, weight: float) -> Term:
    if weight == 1.0 or term.away or not isinstance(term, Words):
        return term
    return replace(term, weight=min(MAX_WEIGHT, term.weight * weight))


def _both(some: Filters, others: Filters) -> Filters:
    joined = dict(some)
    for kind, values in others.conditions():
        kept = joined.get(kind.name, ()) if kind.many else ()
        joined[kind.name] = tuple(dict.fromkeys(kept + values))
    return Filters(**joined)
