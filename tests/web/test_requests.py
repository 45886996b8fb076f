"""Requests mean the queries that they were made of."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from search.errors import QueryError
from search.filters import FILTERS as ALL_FILTERS
from search.filters import (
    Choice,
    Filter,
    Filters,
    Moment,
    Numbers,
    Orientation,
    Pairs,
    Period,
    faceted,
)
from search.language import Line
from search.language import read as read_line
from search.query import (
    LESS_LIKE_WEIGHT,
    MAX_LIMIT,
    MAX_WEIGHT,
    MAX_WINDOW,
    Collapse,
    Image,
    Picture,
    Query,
    Target,
    Term,
    Words,
)
from search.records import Sort
from search.requests import request_json, terms
from web.addresses import address
from web.fields import MAX_ID, MAX_TERMS
from web.payloads import read_parameters
from web.requests import MAX_EXAMPLES, PageParameters, SearchRequest

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
ASKED = WORDS.map(str.strip).filter(bool)
NAMES = st.lists(WORDS.filter(bool), max_size=3).map(tuple)
IDS = st.lists(st.integers(1, MAX_ID), max_size=4).map(tuple)
MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))
SIDES = st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True).map(sorted)
CROPS = st.tuples(SIDES, SIDES).map(lambda box: (box[0][0], box[1][0], box[0][1], box[1][1]))


def values(kind: Filter) -> st.SearchStrategy[object]:
    match kind.values:
        case Moment():
            return MOMENTS
        case Choice(options):
            return st.lists(st.sampled_from(list(options)), max_size=3).map(tuple)
        case Period() as period:
            return st.lists(st.datetimes().map(period.of), max_size=3).map(tuple)
        case Numbers():
            return st.sampled_from(["<30", ">=10", "10..30.5", {"gt": 1, "lte": 2.5}]) | st.none()
        case Pairs():
            return NAMES.map(lambda names: tuple(f"brand:{n}" for n in names if n.strip()))
    return NAMES


FILTERS = st.fixed_dictionaries({kind.name: values(kind) for kind in ALL_FILTERS}).map(
    lambda given: Filters(**given)
)
TERMS = st.builds(
    terms,
    text=st.none() | ASKED,
    image=st.just(b"a picture"),
    crop=st.none() | CROPS,
    image_id=st.none() | st.integers(1, MAX_ID),
    negative=st.none() | ASKED,
    more_like=IDS,
    less_like=IDS,
    text_weight=st.floats(0, MAX_WEIGHT),
    image_weight=st.floats(0, MAX_WEIGHT),
)
QUERIES = st.builds(
    Query,
    TERMS,
    evidence=st.sampled_from([t.evidence for t in Target]),
    filters=FILTERS,
    sort=st.sampled_from(Sort),
    limit=st.integers(1, MAX_LIMIT),
    offset=st.integers(0, MAX_WINDOW - MAX_LIMIT),
    min_score=st.none() | st.floats(0, 1),
    any_relevance=st.booleans(),
    collapse=st.sampled_from(Collapse),
    facets=st.lists(st.sampled_from([kind.name for kind in faceted()]), max_size=3).map(tuple),
)


def read(body: object, image: bytes | None) -> Query:
    """As the server does, which knows nothing of any library."""
    asked = SearchRequest.model_validate(json.loads(json.dumps(body)))
    return read_line(asked.line()).within(asked.rest(image))


def test_a_request_takes_a_line_along_that_the_server_reads() -> None:
    line = Line("apple -red folder:x", weight=0.5)
    asked = Query(terms(image_id=1, negative="b"), filters=Filters(format="PNG"))
    assert read(request_json(asked, line), None) == read_line(line).within(asked)
    plain = Line("apple -red", plain=True)
    assert read(request_json(Query(), plain), None).terms == (Words("apple -red"),)


@given(QUERIES)
def test_a_request_made_of_a_query_means_that_query(query: Query) -> None:
    assert read(request_json(query), query.image) == query


def test_no_part_of_a_query_is_lost_on_the_way() -> None:
    every = Query(
        terms(
            "a",
            image=b"a picture",
            crop=(0.0, 0.1, 0.5, 1.0),
            image_id=1,
            negative="b",
            more_like=(2,) * MAX_EXAMPLES,
            less_like=(3,),
            text_weight=0.5,
            image_weight=2.0,
        ),
        evidence=Target.CAPTION.evidence,
        filters=Filters(
            collection=("c",) * MAX_TERMS,
            folder=("d",),
            taken_after=datetime(2024, 1, 1, tzinfo=UTC),
            taken_before=datetime(2025, 1, 1, 12, 30, tzinfo=UTC),
            orientation=(Orientation.SQUARE,),
            format=("PNG",),
        ),
        sort=Sort.OLDEST,
        limit=7,
        offset=3,
        min_score=0.25,
        any_relevance=True,
        collapse=Collapse.DUPLICATES,
        facets=("camera", "year"),
    )
    assert len(every.terms) == 3 + 1 + MAX_EXAMPLES + 1
    for field in fields(Query):
        assert getattr(every, field.name) != getattr(Query(), field.name), field.name
    assert read(request_json(every), every.image) == every
    without = replace(every, terms=tuple(t for t in every.terms if not isinstance(t, Picture)))
    assert read(request_json(without), None) == without


@pytest.mark.parametrize(
    "asked",
    [
        (Words("a"), Words("b")),
        (Words("a"), Words("b", weight=0.5, away=True)),
        (Words("a"), Picture(b"a picture", away=True)),
        (Image(1), Image(2, weight=0.5)),
        (Image(1), Image(2, example=True, weight=2.0)),
        (Image(1), Image(2, weight=LESS_LIKE_WEIGHT, away=True)),
        (Words(" a"),),
    ],
)
def test_what_no_request_can_say_is_refused_and_not_changed(asked: tuple[Term, ...]) -> None:
    with pytest.raises(QueryError):
        request_json(Query(asked))
    with pytest.raises(QueryError):
        request_json(Query((Words("a"),), evidence=frozenset(["a", "b"])))


SITE = Flask("site")
SITE.add_url_rule("/", "pages.search")
PAGES = st.builds(
    dict,
    q=st.just("") | ASKED,
    image_id=st.none() | st.integers(1, 10**15 - 1),
    target=st.sampled_from(["image", "caption", "hybrid"]),
    sort=st.sampled_from([str(sort) for sort in Sort]),
    relevance=st.sampled_from([None, "any"]),
    min_score=st.none() | st.integers(1, 10**9).map(lambda n: n / 10**9),
    offset=st.integers(0, MAX_WINDOW - MAX_LIMIT),
    filters=FILTERS,
)


@given(PAGES)
def test_an_address_of_the_page_asks_for_what_it_was_made_of(given: dict[str, Any]) -> None:
    filters = {
        kind.name: list(values) if kind.many else values[0]
        for kind, values in given.pop("filters").conditions()
    }
    asked = PageParameters.model_validate({**given, **filters})
    with SITE.test_request_context():
        pairs = parse_qsl(urlsplit(address(asked)).query, keep_blank_values=True)
    assert read_parameters(PageParameters, MultiDict(pairs)) == asked
