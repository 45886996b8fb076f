"""From terms to vectors: each thing that was asked for becomes one weighted component."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .query import Image, Picture, Term, Words
from .records import Vectors

DOUBT = 2  # so many marks count half of what very many do


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
        """One for each term, but a single one for all examples of a side: with one each, three
        marks would outvote the question."""
        asked = [term for term in terms if not _is_example(term)]
        sides = [[t for t in terms if _is_example(t) and t.away is away] for away in (False, True)]
        return [self._component(term) for term in asked] + [
            _mean([self._component(term) for term in side]) for side in sides if side
        ]

    def _component(self, term: Term) -> Component:
        weight = -term.weight if term.away else term.weight
        return Component(self._vector(term), weight, is_text=isinstance(term, Words))

    def _vector(self, term: Term) -> Vectors:
        if isinstance(term, Words):
            return self.text(term.text)
        return self.picture(term) if isinstance(term, Picture) else self.image(term.id)


def _is_example(term: Term) -> bool:
    return isinstance(term, Image) and term.example


def _mean(marks: Sequence[Component]) -> Component:
    """The direction of all marks together. Few of them say less than many, and count less."""
    weights = np.array([mark.weight for mark in marks])
    summed = np.abs(weights) @ np.array([mark.vector for mark in marks])
    length = float(np.linalg.norm(summed)) or 1.0
    share = len(marks) / (len(marks) + DOUBT)
    return Component((summed / length).astype(np.float32), share * weights.mean(), is_text=False)
