"""Words as evidence: BM25 over all that is written about an image.

Its fields count differently (BM25F: Robertson, Zaragoza, "The probabilistic relevance framework",
2009): a word of a title says more than one that a machine has written into a caption, which stands
for the picture anyway. A word of half of the images says nothing, and an image that has few of the
words that were asked for gets little for those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .calibration import Floats
from .components import Component
from .evidence import Found
from .fulltext import IN_WORDS, NAME, STOP, Field, forms, units, words_of
from .query import Query, Words
from .records import Ids, Match
from .written import LENGTHS, Written, WrittenFollower

SATURATION = 1.0  # k1: the weight of a text in which a word counts half of what it could
SHORTNESS = 0.3  # b: how much less a word counts in a text that is longer than usual
WEIGHTS = {
    Field.CAPTION: 0.02,  # more makes scenes worse: python -m benchmarks.fusion
    Field.NOTE: 3.0,
    Field.TITLE: 3.0,
    Field.DESCRIPTION: 1.0,
    Field.TAG: 3.0,
    Field.FACT: 3.0,
    Field.FILE: 1.0,
    Field.FOLDER: 0.5,
    Field.TEXT: 1.0,
}
_WEIGHTS = np.array([WEIGHTS.get(Field(n), 0.0) if n else 0.0 for n in range(LENGTHS)])

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, a pair of characters or a phrase, in the forms that the library knows."""

    text: str
    forms: tuple[Numbers, ...]


@dataclass(frozen=True, slots=True)
class WordsRetriever:
    """All that a library has in writing."""

    written: WrittenFollower
    name: str = NAME

    def evidence(self, query: Query, components: Sequence[Component]) -> WordsEvidence:
        written = self.written.now()
        terms = [term for term in query.wanted if isinstance(term, Words) and term.weight > 0]
        said = [[_said(text, term.exact) for text in (term.text, *term.also)] for term in terms]
        known = self._known(said)
        asked = tuple(
            (term.weight, tuple(_units(text, known, term.exact) for text in texts))
            for term, texts in zip(terms, said, strict=True)
        )
        return WordsEvidence(written, asked)

    def holding(self, query: Query) -> Ids:
        """Ascending ids of the images about which all words in quotes are written as they are."""
        terms = [replace(term, also=()) for term in quoted(query)]
        evidence = self.evidence(replace(query, terms=tuple(terms)), [])
        written = evidence.written
        held = np.ones(len(written.ids), bool)
        for unit in (unit for _, ways in evidence.asked for unit in ways[0]):
            there = np.zeros(len(written.ids), bool)
            for form in unit.forms:
                there[written.images_at(written.occurrences(form))] = True
            held &= there
        return written.ids[held]

    def _known(self, said: list[list[list[tuple[str, ...]]]]) -> Mapping[str, int]:
        flat = (word for texts in said for text in texts for unit in text for word in unit)
        return self.written.numbers(sorted({form for word in flat for form in forms(word)}))


def quoted(query: Query) -> tuple[Words, ...]:
    """Words that hits must have as they are."""
    return tuple(term for term in query.wanted if isinstance(term, Words) and term.exact)


def _said(text: str, exact: bool) -> list[tuple[str, ...]]:
    """What is looked for; words like "the" only where there is nothing else, or in quotes."""
    words = words_of(text)
    if exact:
        return [tuple(words)] if words else []
    return units(words, STOP) or units(words)


def _units(
    said: Sequence[tuple[str, ...]], known: Mapping[str, int], exact: bool
) -> tuple[Unit, ...]:
    return tuple(Unit(_spelled(unit), tuple(_forms(unit, known, exact))) for unit in said)


def _spelled(unit: tuple[str, ...]) -> str:
    return ("" if all(not word.isascii() for word in unit) else " ").join(unit)


def _forms(unit: tuple[str, ...], known: Mapping[str, int], exact: bool) -> Iterator[Numbers]:
    if len(unit) == 1 and not exact:
        yield from ((known[form],) for form in forms(unit[0]) if form in known)
    elif all(word in known for word in unit):
        yield tuple(known[word] for word in unit)


@dataclass(frozen=True)
class WordsEvidence:
    """What is written, as one query sees it.

    Features are log-odds that the words are worth, before any weight, and the share of the words
    that an image has: 1 for all of them in the best of places.
    """

    written: Written
    asked: tuple[tuple[float, tuple[tuple[Unit, ...], ...]], ...]  # terms, in one way or another
    name: str = NAME

    def best(self, k: int, allowed: Ids | None) -> Found:
        places = self._places(allowed)
        order = places[np.lexsort((places, -self._scores[places]))]
        first = order[:k]
        last = self._features(first[-1:])[0] if len(first) else np.array([-np.inf, -np.inf])
        return Found(self.written.ids[first], last, exhausted=len(order) <= k)

    def features(self, ids: Ids) -> Floats:
        every = self.written.ids
        places = np.minimum(np.searchsorted(every, ids), max(len(every) - 1, 0))
        if not len(every):
            return np.full((len(ids), 2), np.nan)
        found = self._features(places)
        found[(every[places] != ids) | (self._scores[places] <= 0)] = np.nan
        return found

    def known(self, allowed: Ids | None) -> Ids:
        return self.written.ids[self._places(allowed)]

    def matches(self, image_id: int) -> tuple[Match, ...]:
        """Which words this image has, and where: each once, where it counts most."""
        place = int(np.searchsorted(self.written.ids, image_id))
        if place >= len(self.written.ids) or self.written.ids[place] != image_id:
            return ()
        own = self.written.of(place)
        found: dict[str, Match] = {}
        for _, ways in self.asked:
            for unit in (unit for way in ways for unit in way):
                fields = {
                    Field(field)
                    for form in unit.forms
                    for field in own.fields[own.texts_at(own.occurrences(form))].tolist()
                }
                if fields:
                    field = max(fields, key=lambda one: (WEIGHTS[one], -one))
                    found.setdefault(unit.text, Match(unit.text, IN_WORDS[field]))
        return tuple(found.values())

    def _places(self, allowed: Ids | None) -> Ids:
        places = np.flatnonzero(self._scores > 0)
        if allowed is None:
            return places
        return places[np.isin(self.written.ids[places], allowed)]

    def _features(self, places: Ids) -> Floats:
        scores = self._scores[places]
        return np.column_stack([scores, scores / self._most])

    @cached_property
    def _judged(self) -> tuple[Floats, float]:
        scores, most = np.zeros(len(self.written.ids)), 0.0
        for weight, ways in self.asked:
            judged = [_scored(self.written, way) for way in ways]
            scores += weight * np.max([of for of, _ in judged], axis=0)
            most += weight * max(value for _, value in judged)
        return scores, most or 1.0

    @property
    def _scores(self) -> Floats:
        return self._judged[0]

    @property
    def _most(self) -> float:
        return self._judged[1]


def _scored(written: Written, units: Sequence[Unit]) -> tuple[Floats, float]:
    """(images,) BM25, times the share of the words that are there; and the most it could be."""
    count = len(written.ids)
    scores, there, every = np.zeros(count), np.zeros(count), 0.0
    for unit in units:
        images, weights = _weighed(written, unit)
        worth = max(0.0, float(np.log((count - len(images) + 0.5) / (len(images) + 0.5))))
        scores[images] += worth * weights / (weights + SATURATION)
        there[images] += worth
        every += worth
    return scores * there / (every or 1.0), every


def _weighed(written: Written, unit: Unit) -> tuple[Ids, Floats]:
    """The images that have it, and how often, each time by its field and the length of the text."""
    found = [written.occurrences(form) for form in unit.forms]
    places = np.concatenate(found) if found else np.empty(0, np.int64)
    texts = written.texts_at(places)
    fields = written.fields[texts]
    length = written.text_lengths[texts] / written.usual_lengths[fields]
    weights = _WEIGHTS[fields] / (1 - SHORTNESS + SHORTNESS * length)
    images, which = np.unique(written.images_at(places), return_inverse=True)
    return images, np.bincount(which, weights, minlength=len(images)).astype(np.float64)
