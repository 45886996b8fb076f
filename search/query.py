"""From a query to vectors: each thing that was asked for becomes one weighted component."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import QueryError
from .records import Query, Vectors

NEGATIVE_WEIGHT = -0.7  # of words or pictures to stay away from, against 1.0 for those to find
MORE_WEIGHT = 0.7  # of each "more like this"

MAX_TEXT = 1000  # characters
MAX_LIMIT = 200
MAX_WINDOW = 10_000  # offset + limit


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a question: a unit vector (dim,) and how much it counts."""

    vector: Vectors
    weight: float
    is_text: bool


@dataclass(frozen=True, slots=True)
class Eyes:
    """How words, pictures and images of the library become vectors (dim,)."""

    text: Callable[[str], Vectors]
    picture: Callable[[Query], Vectors]
    image: Callable[[int], Vectors]


def check(query: Query) -> None:
    """Raises QueryError for a question that has no meaning; the pointer names the part."""
    asked = (query.text or "").strip(), query.image, query.image_id, query.more_like
    if not any(part is not None and part not in ("", ()) for part in asked):
        raise QueryError("ask for something: words, a picture or an image's id", "/query")
    for pointer, text in (("/query/text", query.text), ("/query/negative", query.negative)):
        if text and len(text) > MAX_TEXT:
            raise QueryError(f"at most {MAX_TEXT} characters, not {len(text)}", pointer)
        if text and not text.isprintable() and any("\ud800" <= c <= "\udfff" for c in text):
            raise QueryError("the words are no valid text", pointer)
    if not 1 <= query.limit <= MAX_LIMIT:
        raise QueryError(f"between 1 and {MAX_LIMIT}, not {query.limit}", "/limit")
    if query.offset < 0 or query.offset + query.limit > MAX_WINDOW:
        raise QueryError(f"offset + limit must lie between 0 and {MAX_WINDOW}", "/offset")
    for pointer, weight in (("text", query.text_weight), ("image", query.image_weight)):
        if not 0 <= weight <= 10:
            raise QueryError(f"between 0 and 10, not {weight}", f"/query/weights/{pointer}")


def components(query: Query, eyes: Eyes) -> Iterator[Component]:
    """What to look for, and with negative weight what to stay away from."""
    if query.text and query.text.strip():
        yield Component(eyes.text(query.text), query.text_weight, is_text=True)
    if query.image is not None:
        yield Component(eyes.picture(query), query.image_weight, is_text=False)
    if query.image_id is not None:
        yield Component(eyes.image(query.image_id), query.image_weight, is_text=False)
    for image_id in query.more_like:
        yield Component(eyes.image(image_id), MORE_WEIGHT, is_text=False)
    if query.negative and query.negative.strip():
        yield Component(eyes.text(query.negative), NEGATIVE_WEIGHT, is_text=True)
    for image_id in query.less_like:
        yield Component(eyes.image(image_id), NEGATIVE_WEIGHT, is_text=False)
