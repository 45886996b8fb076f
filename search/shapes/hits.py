"""What a search answers, as JSON: hits, the question as it was read, a description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NotRequired, cast

from pydantic import Field
from typing_extensions import TypedDict

from .. import query as asked
from .. import records
from ..fulltext import IN_WORDS, NAME
from ..language import Condition, Line, Reading
from ..query import MAX_WINDOW, Query, usual_weight
from ..records import Relevance, Sort, Space
from .library import Facet, facet_json
from .pictures import LinksOf, Picture, picture_json
from .products import Offered, offer_json
from .values import Json, OneOf, shape

MOST_WORDS = 3  # of a question, in a sentence about a hit
EVIDENCE = ("picture", "caption", "words")


@shape
class Scores(TypedDict):
    """Raw cosines of the question with the image's vectors, and the share of its words that are
    written about the image; null where there is none."""

    image: float | None
    caption: float | None
    words: Annotated[
        float | None, Field(ge=0, le=1, description="1: all of them, in the best of places.")
    ]


@shape
class Match(TypedDict):
    words: Annotated[str, Field(description="As they were asked for.")]
    field: Annotated[str, OneOf(tuple(dict.fromkeys(IN_WORDS.values())))]


@shape
class HitReason(TypedDict):
    """What speaks for a hit, and how much."""

    evidence: Annotated[str, OneOf(EVIDENCE)]
    score: Annotated[
        float, Field(ge=0, le=1, description="What the hit would have if that were all there is.")
    ]
    matches: NotRequired[Annotated[list[Match], Field(description="Of words, where they stand.")]]


@shape
class Hit(Picture):
    rank: Annotated[int, Field(ge=1, description="From 1.")]
    score: Annotated[
        float, Field(ge=0, le=1, description="Calibrated relevance, falling with rank.")
    ]
    relevance: Annotated[str, OneOf.of(Relevance)]
    scores: Scores
    matched_by: Annotated[
        list[Annotated[str, OneOf(EVIDENCE)]],
        Field(description="Which evidence would have been enough alone."),
    ]
    product: NotRequired[Annotated[Offered, Field(description="Only of what shows a product.")]]
    reasons: Annotated[list[HitReason], Field(description="The strongest first.")]


PART_KINDS = (
    *("text", "picture", "image", "not", "more_like", "less_like"),
    *("filter", "sort"),  # of the line
)


@shape
class QueryPart(TypedDict):
    kind: Annotated[str, OneOf(PART_KINDS)]
    value: str | int | None
    filter: NotRequired[Annotated[str, Field(description="Name of the filter.")]]
    weight: NotRequired[Annotated[float, Field(description="Where it is not the usual one.")]]
    exact: NotRequired[Annotated[bool, Field(description="The words stood in quotes.")]]
    also: NotRequired[
        Annotated[list[str], Field(description="Other ways to say it that count as well.")]
    ]


@shape
class Correction(TypedDict):
    typed: str
    used: str


@shape
class ReadQuery(TypedDict):
    """The question as it was read."""

    text: Annotated[str | None, Field(description="The words as they were typed.")]
    image_id: int | None
    read_as: list[QueryPart]
    corrections: Annotated[
        list[Correction], Field(description="Words that were taken for typos of others.")
    ]
    unknown: Annotated[
        list[str], Field(description="Words that neither the library nor the model knows.")
    ]
    truncated: Annotated[bool, Field(description="The text was longer than the model reads.")]


@shape
class SearchResult(TypedDict):
    hits: list[Hit]
    limit: int
    offset: int
    total: Annotated[
        int,
        Field(
            description="Strong and weak hits after the filters; with relevance `any`, all images."
        ),
    ]
    next_offset: Annotated[
        int | None, Field(description="Offset of the next page; null on the last one.")
    ]
    query: ReadQuery
    revision: Annotated[int, Field(description="State of the library that this answer reflects.")]
    took_ms: float
    facets: NotRequired[
        Annotated[list[Facet], Field(description="Of all hits, where `facets` asked for some.")]
    ]


@shape
class Tag(TypedDict):
    text: str
    score: float


@shape
class Description(TypedDict):
    caption: str | None
    tags: list[Tag]
    nearest: list[Hit]


@shape
class RankedText(TypedDict):
    """One of the given texts."""

    rank: Annotated[int, Field(ge=1, description="From 1.")]
    text: str
    probability: Annotated[
        float,
        Field(ge=0, le=1, description="Of being the one of these texts; they add up to 1."),
    ]
    score: Annotated[
        float, Field(ge=0, le=1, description="Calibrated relevance, whatever else was given.")
    ]
    relevance: Annotated[str, OneOf.of(Relevance)]
    cosine: float
    truncated: Annotated[bool, Field(description="The text was longer than the model reads.")]


@shape
class RankedTexts(TypedDict):
    texts: Annotated[list[RankedText], Field(description="The likeliest first.")]


# What a line of the command line says of a hit, in this order.
LINE = (
    "rank",
    "score",
    "scores",
    "relevance",
    "id",
    "path",
    "path_bytes",
    "caption",
    "matched_by",
    "product",
    "reasons",
)


def hit_json(hit: records.Hit, *, absolute: bool = False, links: LinksOf | None = None) -> Hit:
    """One answer: where it ranks and why, and the picture in short."""
    shown = picture_json(hit.image, absolute=absolute, links=links)
    told: Json = {
        "id": hit.image.id,
        "rank": hit.rank,
        "score": hit.score,
        "relevance": hit.relevance.value,
        "scores": {
            "image": hit.cosines.get(Space.IMAGE),
            "caption": hit.cosines.get(Space.CAPTION),
            "words": hit.cosines.get(NAME),
        },
        "matched_by": list(hit.matched_by),
        "reasons": [reason_json(reason) for reason in hit.reasons],
        **shown,
        "duplicates": shown["duplicates"] + hit.folded,
    }
    if hit.offer is not None:
        told["product"] = offer_json(hit.offer)
    return cast(Hit, told)


def why(reasons: Sequence[HitReason]) -> str:
    """ "picture 0.61, words 0.30 (apple in the title)"."""
    return ", ".join(
        f"{one['evidence']} {one['score']:.2f}{_where(one.get('matches', []))}" for one in reasons
    )


def _where(matches: Sequence[Match]) -> str:
    said = "; ".join(f"{one['words']} in the {one['field']}" for one in matches[:MOST_WORDS])
    return f" ({said})" if said else ""


def reason_json(reason: records.HitReason) -> HitReason:
    found: HitReason = {"evidence": reason.evidence, "score": round(reason.score, 2)}
    if reason.matches:
        found["matches"] = [{"words": one.words, "field": one.field} for one in reason.matches]
    return found


def line_json(hit: Json) -> Json:
    """A line of the command line, from a hit as `hit_json` or a server gave it."""
    return {name: hit[name] for name in LINE if name in hit}


def result_json(
    result: records.SearchResult,
    query: Query,
    reading: Reading | None = None,
    *,
    absolute: bool = False,
    links: LinksOf | None = None,
) -> SearchResult:
    """A page of hits; `next_offset` is null on the last one."""
    answer: SearchResult = {
        "hits": [hit_json(hit, absolute=absolute, links=links) for hit in result.hits],
        "limit": query.limit,
        "offset": query.offset,
        "total": result.total,
        "next_offset": next_offset(query, result.total),
        "query": query_json(query, reading, truncated=result.truncated),
        "revision": result.revision,
        "took_ms": round(result.took_ms, 2),
    }
    if result.facets:
        answer["facets"] = [facet_json(facet) for facet in result.facets]
    return answer


def next_offset(query: Query, total: int) -> int | None:
    """Where the next page of as many hits begins, if there is one and it may be asked for."""
    following = query.offset + query.limit
    return following if following < total and following + query.limit <= MAX_WINDOW else None


def query_json(
    query: Query, reading: Reading | None = None, *, truncated: bool = False
) -> ReadQuery:
    """The question as it was read: its terms in words, in `read_as`, and what else its line said.

    `reading` is that of its line, if it had one.
    """
    line = reading or Reading(Line(query.text or ""))
    others = [_condition_json(part) for part in line.parts if isinstance(part, Condition | Sort)]
    return {
        "text": line.line.text.strip() or None,
        "image_id": query.image_id,
        "read_as": [*map(_part_json, query.terms), *others],
        "corrections": [{"typed": each.typed, "used": each.used} for each in line.corrections],
        "unknown": list(line.unknown),
        "truncated": truncated,
    }


def _condition_json(part: Condition | Sort) -> QueryPart:
    if isinstance(part, Sort):
        return {"kind": "sort", "value": part.value}
    return {"kind": "filter", "filter": part.kind.name, "value": part.text}


def _part_json(term: asked.Term) -> QueryPart:
    part = _term_json(term)
    if term.weight != usual_weight(term):
        part["weight"] = term.weight
    if isinstance(term, asked.Words):
        if term.exact:
            part["exact"] = True
        if term.also:
            part["also"] = list(term.also)
    return part


def _term_json(term: asked.Term) -> QueryPart:
    match term:
        case asked.Words(text):
            return {"kind": "not" if term.away else "text", "value": text}
        case asked.Picture():
            return {"kind": "picture", "value": None}
        case asked.Image(id_, example=False):
            return {"kind": "image", "value": id_}
        case asked.Image(id_):
            return {"kind": "less_like" if term.away else "more_like", "value": id_}


def description_json(
    description: records.Description, *, absolute: bool = False, links: LinksOf | None = None
) -> Description:
    return {
        "caption": description.caption,
        "tags": [{"text": tag.text, "score": round(tag.score, 4)} for tag in description.tags],
        "nearest": [hit_json(hit, absolute=absolute, links=links) for hit in description.nearest],
    }


def ranked_json(texts: Sequence[records.RankedText]) -> RankedTexts:
    return {
        "texts": [
            {
                "rank": each.rank,
                "text": each.text,
                "probability": each.probability,
                "score": each.score,
                "relevance": each.relevance.value,
                "cosine": each.cosine,
                "truncated": each.truncated,
            }
            for each in texts
        ]
    }
