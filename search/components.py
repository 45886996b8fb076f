"""From terms to vectors: each thing that was asked for becomes one weighted component."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .query import Picture, Term, Words
from .records import Vectors


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a question: a unit vector (dim,) and how much it counts, below 0 against it."""

    vector: Vectors
    weight: float
    is_text: bool


@dataclass(frozen=True, slots=True)
class QueryEncoder:
    """How words, pictures and images of the library become vectors (dim,)."""

    text: Callable[[str], Vectors]
    picture: Callable[[Picture], Vectors]
    image: Callable[[int], Vectors]

    def components(self, terms: Sequence[Term]) -> list[Component]:
        return [
            Component(
                self._vector(term),
                -term.weight if term.away else term.weight,
                is_text=isinstance(term, Words),
            )
            for term in terms
        ]

    def _vector(self, term: Term) -> Vectors:
        if isinstance(term, Words):
            return self.text(term.text)
        return self.picture(term) if isinstance(term, Picture) else self.image(term.id)
