"""What somebody asks for: terms to come near to or stay away from, and which answers are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from typing_extensions import TypeIs

from .errors import QueryError
from .filters import Filters
from .records import Crop, Sort

MORE_LIKE_WEIGHT = 0.6  # of many "more like this" together, against 1.0 of what was asked for
LESS_LIKE_WEIGHT = 0.3  # of many "less like this" together
AWAY_WEIGHT = 1.0  # of words to stay away from

MAX_TEXT = 1000  # characters
MAX_TERMS = 64  # examples apart, which count as one
MAX_TEXTS = 100  # to choose from
MAX_WEIGHT = 10
MAX_LIMIT = 200
MAX_WINDOW = 10_000  # offset + limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """How a term counts beside others, and on which side."""

    weight: float = 1.0
    away: bool = False  # hits should be unlike it


@dataclass(frozen=True, slots=True)
class Words(Weighted):
    text: str
    exact: bool = False  # these words as they are, in this order: they stood in quotes
    also: tuple[str, ...] = ()  # other ways to say the same, as "apple" beside "apples"


@dataclass(frozen=True, slots=True)
class Picture(Weighted):
    """A picture that need not be in the library."""

    data: bytes  # of its file
    crop: Crop | None = None  # the part of it that is meant


@dataclass(frozen=True, slots=True)
class Image(Weighted):
    """An image of the library. Unless it is but an example, it is no hit of its own.

    Examples of one side count as one term together, however many there are: their mean.
    """

    id: int
    example: bool = False


Term = Words | Picture | Image


def usual_weight(term: Term) -> float:
    """That of a term of its kind where nobody says another."""
    if isinstance(term, Image) and term.example:
        return LESS_LIKE_WEIGHT if term.away else MORE_LIKE_WEIGHT
    return AWAY_WEIGHT if term.away else 1.0


class Target(StrEnum):
    """Which evidence to ask, by the names that requests have for it."""

    IMAGE = "image"
    CAPTION = "caption"
    WORDS = "words"
    HYBRID = "hybrid"

    @property
    def evidence(self) -> frozenset[str]:
        return frozenset() if self is Target.HYBRID else frozenset([self.value])

    @classmethod
    def of(cls, evidence: frozenset[str]) -> Target:
        """The name of this evidence. Raises QueryError where it has none."""
        for target in cls:
            if target.evidence == evidence:
                return target
        raise QueryError(f"no target is called {' and '.join(sorted(evidence))}", "/target")


class Collapse(StrEnum):
    """Which images are one hit."""

    DUPLICATES = "duplicates"  # those that are nearly the same
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Query:
    """Terms of any kind in any mixture, and which of the images that they find."""

    terms: tuple[Term, ...] = ()
    evidence: frozenset[str] = frozenset()  # names of what to ask; empty: all that there is
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.RELEVANCE
    limit: int = 24
    offset: int = 0
    min_score: float | None = None
    any_relevance: bool = False  # rank every picture, weak or not
    collapse: Collapse = Collapse.NONE
    facets: tuple[str, ...] = ()  # names of filters whose values are counted in the answer

    @property
    def text(self) -> str | None:
        """The words to find."""
        return next((term.text for term in self._near() if isinstance(term, Words)), None)

    @property
    def wanted(self) -> tuple[Term, ...]:
        """All that images are compared with: whatever is not `unwanted`."""
        return tuple(term for term in self.terms if not _is_negation(term))

    @property
    def unwanted(self) -> tuple[Words, ...]:
        """The words to stay away from: they are judged apart."""
        return tuple(term for term in self.terms if _is_negation(term))

    @property
    def image(self) -> bytes | None:
        """The file of the picture to find the like of."""
        return next((term.data for term in self._near() if isinstance(term, Picture)), None)

    @property
    def image_id(self) -> int | None:
        """The image of the library to find the like of."""
        return next(iter(self.no_hits), None)

    @property
    def no_hits(self) -> tuple[int, ...]:
        """Images that were asked about: none is a neighbour of itself."""
        images = (term for term in self._near() if isinstance(term, Image))
        return tuple(image.id for image in images if not image.example)

    def _near(self) -> Iterator[Term]:
        return (term for term in self.terms if not term.away)


def _is_negation(term: Term) -> TypeIs[Words]:
    return isinstance(term, Words) and term.away


def _is_example(term: Term) -> bool:
    return isinstance(term, Image) and term.example


def check(query: Query) -> None:
    """Raises QueryError for a question that has no meaning; the pointer names the part."""
    if not query.filters and all(term.away for term in query.terms):
        missing = "" if not query.terms else ", not only what it should not be"
        message = f"ask for something: words, a picture or an image's id{missing}"
        raise QueryError(message, "/query")
    asked = sum(not _is_example(term) for term in query.terms)
    if asked > MAX_TERMS:
        raise QueryError(f"at most {MAX_TERMS} terms, not {asked}", "/query")
    for term in query.terms:
        if isinstance(term, Words):
            _check_text(term.text, "/query/negative" if term.away else "/query/text")
        if not 0 <= term.weight <= MAX_WEIGHT:
            kind = "text" if isinstance(term, Words) else "image"
            message = f"between 0 and {MAX_WEIGHT}, not {term.weight}"
            raise QueryError(message, f"/query/weights/{kind}")
    if not 1 <= query.limit <= MAX_LIMIT:
        raise QueryError(f"between 1 and {MAX_LIMIT}, not {query.limit}", "/limit")
    if query.offset < 0 or query.offset + query.limit > MAX_WINDOW:
        raise QueryError(f"offset + limit must lie between 0 and {MAX_WINDOW}", "/offset")


def check_texts(texts: Sequence[str]) -> None:
    """Texts to choose from. Raises QueryError; the pointer names the one that is wrong."""
    if not 1 <= len(texts) <= MAX_TEXTS:
        raise QueryError(f"between 1 and {MAX_TEXTS} texts, not {len(texts)}", "/texts")
    for place, text in enumerate(texts):
        if not text.strip():
            raise QueryError("a text says nothing", f"/texts/{place}")
        _check_text(text, f"/texts/{place}")


def _check_text(text: str, pointer: str) -> None:
    if len(text) > MAX_TEXT:
        raise QueryError(f"at most {MAX_TEXT} characters, not {len(text)}", pointer)
    if not text.isprintable() and any("\ud800" <= c <= "\udfff" for c in text):
        raise QueryError("the words are no valid text", pointer)
