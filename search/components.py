"""From terms to vectors: what was asked for becomes a few weighted components.

Words beside a picture say what is to be different, so they count more than it. Where they name a
colour it is the picture's own colour that stands against them: "but red" beside a green apple means
"red apple", and less of what is green.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .colour_words import COLOURS, Colouring, colouring, without_colours
from .query import Image, Picture, Term, Words
from .records import Tag, Vectors

DOUBT = 2  # so many marks count half of what very many do
BESIDE_WORDS = 0.5  # of a picture's weight
COLOUR = 0.5  # of the words' weight: the colour that they name, once more by itself
OLD_COLOUR = -0.3  # of the words' weight: the one that the picture has
NAMES = 3  # for what a picture shows


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a question: a unit vector (dim,) and how much it counts, below 0 against it."""

    vector: Vectors
    weight: float
    is_text: bool


@dataclass(frozen=True, slots=True)
class QueryEncoder:
    """How words, pictures and images of the library become vectors (dim,); `tags` are names for
    what a vector of a picture shows."""

    text: Callable[[str], Vectors]
    picture: Callable[[Picture], Vectors]
    image: Callable[[int], Vectors]
    tags: Callable[[Vectors], Sequence[Tag]]

    def components(self, terms: Sequence[Term]) -> list[Component]:
        """One for each term, but a single one for all examples of a side: with one each, three
        marks would outvote the question. More where words change the colour of a picture."""
        asked = [term for term in terms if not _is_example(term)]
        sides = [[t for t in terms if _is_example(t) and t.away is away] for away in (False, True)]
        return [*self._composed(asked)] + [
            _mean([self._component(term) for term in side]) for side in sides if side
        ]

    def _composed(self, terms: Sequence[Term]) -> Iterator[Component]:
        words = [term for term in terms if isinstance(term, Words)]
        pictures = [self._component(term) for term in terms if not isinstance(term, Words)]
        for picture in pictures:
            share = BESIDE_WORDS if words else 1.0
            yield replace(picture, weight=share * picture.weight)
        for term in words:
            colours = None if term.away or term.exact or not pictures else colouring(term.text)
            if colours:
                yield from self._coloured(term, colours, pictures[0].vector)
            else:
                yield self._component(term)

    def _coloured(self, term: Words, colours: Colouring, picture: Vectors) -> Iterator[Component]:
        """Words that change the colour of what a picture shows."""
        colour = colours.colour
        asked = self._component(term)
        named = self._named(colour, picture) if colours.alone else None
        yield asked if named is None else replace(asked, vector=named)
        yield Component(self.text(colour), COLOUR * asked.weight, is_text=True)
        old = max(COLOURS, key=lambda name: float(self.text(name) @ picture))
        if old not in colour.split():
            yield Component(self.text(old), OLD_COLOUR * asked.weight, is_text=True)

    def _named(self, colour: str, picture: Vectors) -> Vectors | None:
        """What the picture shows, in words, in this colour."""
        chances: dict[str, float] = {}
        for tag in self.tags(picture):
            if name := without_colours(tag.text):
                chances[name] = chances.get(name, 0.0) + tag.score
        best = sorted(chances, key=lambda name: -chances[name])[:NAMES]
        if not best:
            return None
        vectors = np.array([self.text(f"{colour} {name}") for name in best])
        return _unit(np.array([chances[name] for name in best]) @ vectors)

    def _component(self, term: Term) -> Component:
        weight = -term.weight if term.away else term.weight
        return Component(self._vector(term), weight, is_text=isinstance(term, Words))

    def _vector(self, term: Term) -> Vectors:
        if isinstance(term, Words):
            return self._middle([term.text, *term.also])
        return self.picture(term) if isinstance(term, Picture) else self.image(term.id)

    def _middle(self, texts: Sequence[str]) -> Vectors:
        """The direction between those of all these texts."""
        if len(texts) == 1:
            return self.text(texts[0])
        return _unit(np.stack([self.text(text) for text in texts]).sum(0))


def _is_example(term: Term) -> bool:
    return isinstance(term, Image) and term.example


def _mean(marks: Sequence[Component]) -> Component:
    """The direction of all marks together. Few of them say less than many, and count less."""
    weights = np.array([mark.weight for mark in marks])
    summed = np.abs(weights) @ np.array([mark.vector for mark in marks])
    share = len(marks) / (len(marks) + DOUBT)
    return Component(_unit(summed), share * float(weights.mean()), is_text=False)


def _unit(vector: Vectors) -> Vectors:
    length = float(np.linalg.norm(vector)) or 1.0
    return (vector / length).astype(np.float32)
