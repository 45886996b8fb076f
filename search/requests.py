"""A query in the names that requests have for its parts, and back: one reader, one writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .errors import QueryError
from .language import Line
from .query import (
    AWAY_WEIGHT,
    LESS_LIKE_WEIGHT,
    MORE_LIKE_WEIGHT,
    Image,
    Picture,
    Query,
    Target,
    Term,
    Words,
)
from .records import Crop

Json = dict[str, Any]


def terms(
    text: str | None = None,
    *,
    image: bytes | None = None,
    crop: Crop | None = None,
    image_id: int | None = None,
    negative: str | None = None,
    more_like: Sequence[int] = (),
    less_like: Sequence[int] = (),
    text_weight: float = 1.0,
    image_weight: float = 1.0,
) -> tuple[Term, ...]:
    """What these names mean. `crop` is of `image`; words of nothing but space are none."""
    found: list[Term] = []
    if words := (text or "").strip():
        found.append(Words(words, weight=text_weight))
    if image is not None:
        found.append(Picture(image, crop, weight=image_weight))
    if image_id is not None:
        found.append(Image(image_id, weight=image_weight))
    if unwanted := (negative or "").strip():
        found.append(Words(unwanted, weight=AWAY_WEIGHT, away=True))
    found += [Image(id_, example=True, weight=MORE_LIKE_WEIGHT) for id_ in more_like]
    found += [Image(id_, example=True, weight=LESS_LIKE_WEIGHT, away=True) for id_ in less_like]
    return tuple(found)


def request_json(query: Query, line: Line | None = None) -> Json:
    """The body of POST /api/v1/search that asks for just this; the picture goes beside it.

    `line`: words that the server is to read, beside what `query` asks for. Raises QueryError where
    no body can: for two texts to find, or another weight of `negative`.
    """
    named = _named(query.terms)
    named.pop("image", None)
    weights = {kind: named.pop(f"{kind}_weight", 1.0) for kind in ("text", "image")}
    if line is not None:
        weights["text"] = line.weight
    if line is not None and line.text.strip():
        named |= {"text": line.text, "syntax": "plain" if line.plain else None}
    elif "text" in named:
        named["syntax"] = "plain"
    return {
        "query": {**named, "weights": weights},
        "target": Target.of(query.evidence).value,
        "filter": query.filters.json(),
        "sort": query.sort.value,
        "limit": query.limit,
        "offset": query.offset,
        "min_score": query.min_score,
        "relevance": "any" if query.any_relevance else None,
        "collapse": query.collapse.value,
        "facets": list(query.facets),
    }


def _named(asked: Sequence[Term]) -> Json:
    """The inverse of `terms`; what has no name does not come back, and is refused."""
    named: Json = {"more_like": [], "less_like": []}
    for term in asked:
        match term:
            case Words(text, away=False):
                named |= {"text": text, "text_weight": term.weight}
            case Words(text):
                named["negative"] = text
            case Picture(data, crop):
                named |= {"image": data, "crop": crop, "image_weight": term.weight}
            case Image(id_, example=False):
                named |= {"image_id": id_, "image_weight": term.weight}
            case Image(id_):
                named["less_like" if term.away else "more_like"].append(id_)
    if Counter(terms(**named)) != Counter(asked):
        raise QueryError("a request has no names for these terms", "/query")
    return named
