"""The JSON API, version 1. docs/api.md describes it; /api/v1/openapi.json is made of these
declarations."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import metadata
from typing import Any

from flask import Response, current_app

from search.language import Line
from search.products import ProductRecord
from search.query import Query
from search.records import Failure, Sort
from search.shapes.hits import (
    Description,
    RankedTexts,
    SearchResult,
    description_json,
    ranked_json,
    result_json,
)
from search.shapes.library import Stats, facet_json, failure_json, stats_json
from search.shapes.pictures import Image, image_json
from search.shapes.products import Product, product_json

from . import app_state, openapi, payloads
from .app_state import engine
from .endpoint import Endpoints, Picture, Scope, endpoints_of
from .errors import problem_of
from .json_response import json_response
from .links import links
from .requests import (
    BatchRequest,
    FacetParameters,
    ListParameters,
    ProductListParameters,
    ProductParameters,
    RankRequest,
    SearchParameters,
    SearchRequest,
    SimilarParameters,
    SimilarProductParameters,
    SkippedParameters,
)
from .responses import (
    BatchAnswer,
    BatchResult,
    Collections,
    Facets,
    ImagePage,
    Problem,
    ProductPage,
    SkippedPage,
    Status,
    Version,
)

endpoint = Endpoints("api", "/api/v1")
health = Endpoints("health")


@endpoint(
    "GET",
    "/search",
    reads=SearchParameters,
    gives=SearchResult,
    scope=Scope.SEARCH,
    problems=(404, 422),
)
def search_words(asked: SearchParameters) -> SearchResult:
    """Find images by words: a line of the query language."""
    return _found(asked.line(), asked.rest())


@endpoint(
    "POST",
    "/search",
    reads=SearchRequest,
    picture=Picture.OPTIONAL,
    gives=SearchResult,
    scope=Scope.SEARCH,
    problems=(404, 413, 415, 422),
)
def search(asked: SearchRequest, picture: bytes | None) -> SearchResult:
    """Find images by words, by a picture, by an image of the library, or by a mixture. With a
    picture, send multipart/form-data: the file in `image`, the rest as JSON in `request`."""
    return _found(asked.line(), asked.rest(picture))


@endpoint(
    "POST",
    "/search/batch",
    reads=BatchRequest,
    gives=BatchAnswer,
    scope=Scope.SEARCH,
    problems=(413, 415, 422),
)
def search_batch(asked: BatchRequest) -> BatchAnswer:
    """Up to 32 searches at once. Each item has the `status` it would have had alone."""
    return {"results": [_answer(one) for one in asked.searches]}


@endpoint(
    "POST",
    "/describe",
    picture=Picture.NEEDED,
    gives=Description,
    scope=Scope.SEARCH,
    problems=(413, 415, 422),
)
def describe(picture: bytes) -> Description:
    """Caption, tags and nearest images of a picture that need not be in the library."""
    return description_json(app_state.describe(picture), links=links)


@endpoint(
    "POST",
    "/rank",
    reads=RankRequest,
    picture=Picture.AMONG_FIELDS,
    gives=RankedTexts,
    scope=Scope.SEARCH,
    problems=(404, 413, 415, 422),
)
def rank_texts(asked: RankRequest, picture: bytes | None) -> RankedTexts:
    """Order texts by how well they say what a picture shows, with probabilities. Send
    multipart/form-data: the file in `image`, or the number of an image of the library in
    `image_id`, and each text in a part `texts`. With `image_id`, JSON will do."""
    return ranked_json(app_state.rank(asked.picture(picture), asked.texts))


@endpoint(
    "GET",
    "/images",
    reads=ListParameters,
    gives=ImagePage,
    scope=Scope.READ,
    problems=(422,),
)
def list_images(asked: ListParameters) -> ImagePage:
    """The library page by page; pass `next_cursor` as `cursor` until it is null."""
    found, following = engine().images(asked.filters(), Sort(asked.sort), asked.cursor, asked.limit)
    return {
        "images": [image_json(image, links=links) for image in found],
        "limit": asked.limit,
        "next_cursor": following,
    }


@endpoint("GET", "/images/{id}", gives=Image, scope=Scope.READ, problems=(404,))
def get_image(image_id: int) -> Image:
    """One image."""
    return image_json(engine().image(image_id), links=links)


@endpoint(
    "GET",
    "/images/{id}/similar",
    reads=SimilarParameters,
    gives=SearchResult,
    scope=Scope.SEARCH,
    problems=(404, 422),
)
def similar_images(asked: SimilarParameters, image_id: int) -> SearchResult:
    """Neighbours of an image, nearest first, without itself."""
    query = asked.to_query(image_id)
    return result_json(app_state.search(query), query, links=links)


@endpoint(
    "GET",
    "/products",
    reads=ProductListParameters,
    gives=ProductPage,
    scope=Scope.READ,
    problems=(422,),
)
def list_products(asked: ProductListParameters) -> ProductPage:
    """The shop's products page by page, in the order in which they came; pass `next_cursor` as
    `cursor` until it is null. To search or sort them, search the images that show them."""
    store = engine().store
    page = store.products.page(int(asked.cursor or 0), asked.limit + 1)
    shown, goes_on = page[: asked.limit], len(page) > asked.limit
    return {
        "products": _products_json(shown),
        "limit": asked.limit,
        "next_cursor": str(shown[-1].id) if goes_on else None,
    }


@endpoint(
    "GET",
    "/products/{sku}",
    reads=ProductParameters,
    gives=Product,
    scope=Scope.READ,
    problems=(404, 422),
)
def get_product(asked: ProductParameters, sku: str) -> Product:
    """One product, with its variants and the images that show it."""
    return _products_json([engine().product(sku, asked.collection)])[0]


@endpoint(
    "GET",
    "/products/{sku}/similar",
    reads=SimilarProductParameters,
    gives=SearchResult,
    scope=Scope.SEARCH,
    problems=(404, 422),
)
def similar_products(asked: SimilarProductParameters, sku: str) -> SearchResult:
    """Products that look like one, are of the same kind and in stock, nearest first; itself and its
    variants are not among them. The kind is `product_type`, `category` or the like, where its
    feed has that."""
    ready = engine()
    rest = asked.rest()
    product = ready.product(sku, _owner(ready.store.products.named(sku), rest))
    query = ready.like_product(product, rest)
    return result_json(app_state.search(query), query, links=links)


@endpoint("GET", "/stats", gives=Stats, scope=Scope.READ)
def get_stats() -> Stats:
    """What the library holds."""
    ready = engine()
    return stats_json(ready.stats(), device=ready.model.encoder.device.name)


@endpoint("GET", "/collections", gives=Collections, scope=Scope.READ)
def list_collections() -> Collections:
    """Its collections."""
    named = engine().stats().collections
    return {"collections": [{"name": name, "images": count} for name, count in named.items()]}


@endpoint(
    "GET",
    "/facets",
    reads=FacetParameters,
    gives=Facets,
    scope=Scope.READ,
    problems=(422,),
)
def count_facets(asked: FacetParameters) -> Facets:
    """How many of the images that pass the filters, and match the question if there is one, have
    each value. A filter's own condition is left out of its facet, which so shows what else could
    be chosen."""
    rest = asked.rest()
    query = app_state.read(asked.line(), rest).within(rest)
    found = app_state.facets(query, asked.name or None, asked.prefix)
    return {"facets": list(map(facet_json, found))}


@endpoint(
    "GET",
    "/skipped",
    reads=SkippedParameters,
    gives=SkippedPage,
    scope=Scope.READ,
    problems=(422,),
)
def list_skipped(asked: SkippedParameters) -> SkippedPage:
    """Files that could not be indexed, and why."""
    roots = engine().store.roots.all()
    page = list(itertools.islice(_failures(asked), asked.limit + 1))
    return {
        "skipped": [failure_json(failure, roots) for _, failure in page[: asked.limit]],
        "limit": asked.limit,
        "next_cursor": str(page[asked.limit][0]) if len(page) > asked.limit else None,
    }


@endpoint("GET", "/version", gives=Version)
def get_version() -> Version:
    """The program's version."""
    return {"name": "pomona", "version": _version(), "api": "v1"}


@endpoint.blueprint.get("/api/v1/openapi.json")
def openapi_document() -> Response:
    return json_response(openapi.document(_version(), endpoints_of(current_app)))


@health("GET", "/healthz", gives=Status)
def get_health() -> Status:
    """The process is there."""
    return {"status": "ok"}


@health("GET", "/readyz", gives=Status)
def get_readiness() -> Status:
    """The model is loaded and the index open; else 503 with the reason."""
    ready = engine()
    ready.refresh()
    if ready.model_problem:
        return {"status": "ready", "detail": ready.model_problem}
    return {"status": "ready"}


def _found(line: Line, rest: Query) -> SearchResult:
    reading = app_state.read(line, rest)
    query = reading.within(rest)
    return result_json(app_state.search(query), query, reading, links=links)


def _answer(asked: Any) -> BatchResult | Problem:
    """One result of a batch, or its problem; each with the status that it would have had alone."""
    try:
        one = payloads.parse(SearchRequest, asked)
        return {"status": 200, **_found(one.line(), one.rest())}
    except Exception as error:
        return problem_of(error).json()


def _owner(named: Sequence[ProductRecord], rest: Query) -> str | None:
    """The first of the collections that are asked for which has such a product, if any."""
    asked = dict(rest.filters).get("collection", ())
    having = {each.collection for each in named}
    return next((name for name in asked if name in having), None)


def _products_json(records: Sequence[ProductRecord]) -> list[Product]:
    known = engine().store.products.variants((each.collection, each.product) for each in records)
    families = [known.get((each.collection, each.product.family), []) for each in records]
    return [product_json(each, some) for each, some in zip(records, families, strict=True)]


def _failures(asked: SkippedParameters) -> Iterator[tuple[int, Failure]]:
    """From the cursor on, each with its place in the whole list."""
    store, place = engine().store, int(asked.cursor or 0)
    while chunk := store.failures.all(after=place, limit=1000):
        for failure in chunk:
            if asked.reason in (None, failure.reason):
                yield place, failure
            place += 1


@cache
def _version() -> str:
    try:
        return metadata.version("pomona")
    except metadata.PackageNotFoundError:
        return "0+unknown"
