"""What a search gives in Python: absolute paths, plain values for JSON, a grid in a notebook."""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search import records
from search.language import Reading
from search.query import Query
from search.shapes.hits import description_json, hit_json, result_json
from search.thumbnails import MEDIA_TYPE

if TYPE_CHECKING:
    import pandas

Thumbnail = Callable[[str], bytes | None]  # content hash -> its thumbnail

_GRID = "display:flex;flex-wrap:wrap;gap:8px;align-items:flex-end;font:12px sans-serif"
_CELL = "margin:0;width:160px"
_PICTURE = "max-width:160px;max-height:160px;border-radius:4px"


@dataclass(frozen=True, slots=True)
class Hit:
    """One picture that was found."""

    id: int
    rank: int  # from 1
    score: float  # calibrated relevance, 0 to 1, falling with rank
    relevance: str  # "strong", "weak" or "none"
    path: Path | None  # absolute, as it was added; None where the image has no file any more
    caption: str | None
    scores: dict[str, float]  # raw cosines: "image", "caption"
    matched_by: tuple[str, ...]  # "picture", "caption"
    collection: str
    width: int  # px, upright
    height: int
    taken_at: datetime | None
    record: records.Hit = field(repr=False)
    _thumbnail: Thumbnail = field(repr=False, compare=False)

    @classmethod
    def of(cls, hit: records.Hit, thumbnail: Thumbnail) -> Hit:
        image = hit.image
        path = Path(os.fsdecode(image.locations[0].absolute)) if image.locations else None
        return cls(
            id=image.id,
            rank=hit.rank,
            score=hit.score,
            relevance=hit.relevance.value,
            path=path,
            caption=image.caption,
            scores=dict(hit.cosines),
            matched_by=hit.matched_by,
            collection=image.collection,
            width=image.width,
            height=image.height,
            taken_at=image.taken_at,
            record=hit,
            _thumbnail=thumbnail,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, named as in the JSON API; `path` is absolute."""
        return dict(hit_json(self.record, absolute=True))

    def _repr_html_(self) -> str:
        return _cell(self)


@dataclass(frozen=True, slots=True)
class Results(Sequence[Hit]):
    """A page of hits, best first; a sequence of them, and a grid of thumbnails in a notebook."""

    hits: tuple[Hit, ...]
    total: int  # strong and weak hits after the filters
    took_ms: float
    revision: int  # the state of the library that this answer reflects
    query: Query = field(repr=False)
    reading: Reading = field(repr=False)  # of the words, as they were typed
    result: records.SearchResult = field(repr=False)

    @classmethod
    def of(
        cls,
        result: records.SearchResult,
        query: Query,
        reading: Reading,
        thumbnail: Thumbnail,
    ) -> Results:
        hits = tuple(Hit.of(hit, thumbnail) for hit in result.hits)
        return cls(hits, result.total, result.took_ms, result.revision, query, reading, result)

    @property
    def facets(self) -> dict[str, dict[str, int]]:
        """By name of a filter: how many of all hits have each value, the most frequent first."""
        return {
            facet.name: {one.value: one.count for one in facet.values}
            for facet in self.result.facets
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as the JSON API answers; paths are absolute."""
        return dict(result_json(self.result, self.query, self.reading, absolute=True))

    def to_pandas(self) -> pandas.DataFrame:
        """One row a hit. Needs pandas, which Pomona does not install."""
        import pandas

        return pandas.DataFrame([hit.to_dict() for hit in self.hits])

    def __len__(self) -> int:
        return len(self.hits)

    def __getitem__(self, at: Any) -> Any:
        return self.hits[at]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __repr__(self) -> str:
        lines = [f"{h.rank:>3}  {h.score:.2f}  {h.path}  {h.caption or ''}" for h in self.hits]
        return "\n".join([f"{len(self.hits)} of {self.total} hits", *lines])

    def _repr_html_(self) -> str:
        return _grid(f"{len(self.hits)} of {self.total} hits", self.hits)


@dataclass(frozen=True, slots=True)
class Description:
    """What a picture shows: written by the decoder, ranked by the towers, found in the library."""

    caption: str | None
    tags: dict[str, float]  # score 0 to 1, best first
    nearest: tuple[Hit, ...]
    description: records.Description = field(repr=False)

    @classmethod
    def of(cls, description: records.Description, thumbnail: Thumbnail) -> Description:
        return cls(
            caption=description.caption,
            tags={tag.text: round(tag.score, 4) for tag in description.tags},
            nearest=tuple(Hit.of(hit, thumbnail) for hit in description.nearest),
            description=description,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as the JSON API answers; paths are absolute."""
        return dict(description_json(self.description, absolute=True))

    def _repr_html_(self) -> str:
        return _grid(", ".join([self.caption or "no caption", *self.tags]), self.nearest)


def _grid(title: str, hits: Sequence[Hit]) -> str:
    cells = "".join(map(_cell, hits))
    return f'<p>{html.escape(title)}</p><div style="{_GRID}">{cells}</div>'


def _cell(hit: Hit) -> str:
    """The picture is in the page itself: a notebook may be opened where there is no library."""
    words = html.escape(hit.caption or "")
    thumbnail = hit._thumbnail(hit.record.image.content_hash)
    shown = f'<img style="{_PICTURE}" alt="{words}" src="{_data(thumbnail)}">' if thumbnail else ""
    about = html.escape(f"{hit.score:.2f} {hit.path}")
    return (
        f'<figure style="{_CELL}" title="{about}">{shown}<figcaption>{words}</figcaption></figure>'
    )


def _data(thumbnail: bytes) -> str:
    return f"data:{MEDIA_TYPE};base64,{base64.b64encode(thumbnail).decode()}"
