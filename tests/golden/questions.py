"""What the golden library was asked, as bodies and addresses of the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

PICTURES = {  # of the drawn sample, made small
    "apple": "fruit/red-apple-01.jpg",
    "cat": "animals/ginger-cat.jpg",
    "lake": "holidays/2023/lake.jpg",
    "car": "vehicles/red-car.jpg",
}
WORDS = (
    "a red apple",
    "banana",
    "cat",
    "a dog on grass",
    "blue car",
    "mountains and a lake",
    "a white cup",
    "something yellow",
    "the sea at sunset",
    "Tom's cup",
    "grandmother",
    "a bicycle in the snow",
    "红色苹果",
    "猫",
    "一辆汽车",
    "杯子",
    "花",
)
SORTS = ("newest", "oldest")
FILTERS: tuple[dict[str, Any], ...] = (
    {"collection": ["shop"]},
    {"collection": ["default"], "format": ["PNG", "WEBP"]},
    {"folder": ["fruit"]},
    {"folder": ["copies/again", "nature"]},
    {"folder": ["/album/animals"]},
    {"orientation": ["portrait"]},
    {"orientation": ["square", "landscape"], "format": ["JPEG"]},
    {"taken_after": "2023-06-01T00:00:00Z"},
    {"taken_before": "2024-01-01T00:00:00Z", "collection": ["shop"]},
    {"taken_after": "2023-01-01T00:00:00Z", "taken_before": "2024-03-01T00:00:00Z"},
)


def searches() -> Iterator[dict[str, Any]]:
    for text in WORDS:
        yield {"body": {"query": {"text": text}}}
    for target in ("image", "caption"):
        for text in ("a red apple", "cat", "杯子", "blue car"):
            yield {"body": {"query": {"text": text}, "target": target}}
    for text in ("a red apple", "红色苹果", "the sea at sunset"):
        yield {"body": {"query": {"text": text}, "relevance": "any", "limit": 80}}
    yield {"body": {"query": {"text": "cat"}, "relevance": "any", "limit": 10, "offset": 10}}
    yield {"body": {"query": {"text": "something yellow"}, "limit": 3, "offset": 2}}
    for least in (0.1, 0.5, 0.9):
        yield {"body": {"query": {"text": "a red apple"}, "min_score": least}}
    for sort in SORTS:
        yield {"body": {"query": {"text": "cat"}, "sort": sort}}
        yield {"body": {"query": {"text": "cat"}, "sort": sort, "relevance": "any"}}
    for asked in FILTERS:
        yield {"body": {"query": {"text": "a red apple"}, "filter": asked, "relevance": "any"}}
    for image_id in (1, 12, 45):
        yield {"body": {"query": {"image_id": image_id}}}
        yield {"body": {"query": {"image_id": image_id}, "target": "caption", "relevance": "any"}}
    yield {"body": {"query": {"text": "fruit", "more_like": [1, 2]}}}
    yield {"body": {"query": {"text": "fruit", "less_like": [1]}, "relevance": "any"}}
    yield {"body": {"query": {"text": "cup", "negative": "blue"}}}
    yield {"body": {"query": {"text": "汽车", "negative": "红色"}, "relevance": "any"}}
    yield {"body": {"query": {"image_id": 20, "text": "red"}, "relevance": "any"}}
    for name in PICTURES:
        yield {"body": {"query": {}}, "picture": name}
    for target in ("image", "caption"):
        yield {"body": {"query": {}, "target": target, "relevance": "any"}, "picture": "cat"}
    crop = [0.2, 0.1, 0.8, 0.9]
    yield {"body": {"query": {"crop": crop}, "relevance": "any"}, "picture": "car"}
    weights = {"text": 0.5, "image": 2.0}
    yield {"body": {"query": {"text": "blue", "weights": weights}}, "picture": "car"}


def addresses() -> Iterator[str]:
    yield "/api/v1/collections"
    yield "/api/v1/images?limit=200"
    yield "/api/v1/images?limit=7&sort=oldest"
    yield "/api/v1/images?limit=50&collection=shop&orientation=landscape"
    yield "/api/v1/images?limit=50&folder=fruit&format=jpeg"
    yield "/api/v1/images/1/similar?limit=9"
    yield "/api/v1/images/40/similar?limit=9&target=caption"
    yield "/api/v1/skipped"
    yield "/api/v1/stats"
