"""The same answers as HTML, for people: search, one image, the state of the library.

Everything works without JavaScript. The address says all about a page, except for a picture that
was posted; the modules in static/ fetch these same pages and swap their parts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from search.errors import ImageError, NotFoundError, PomonaError, QueryError, explained
from search.formats import FORMATS
from search.home import advised, command
from search.language import Reading
from search.query import MAX_TEXT, Query
from search.records import (
    Description,
    ImageRecord,
    SearchResult,
    Sort,
)
from search.requests import terms
from search.shapes.hits import next_offset
from search.shapes.library import failure_json
from search.shapes.values import path_text
from search.sorting import ORDERS
from search.words import plural

from . import app_state, limits, payloads, requests, wording
from .addresses import address, chips
from .app_state import engine
from .cards import Card, Section, card_of, nearest, price_of, sections
from .controls import controls
from .errors import Fault, Problem, RequestError, problem_of
from .read_line import ReadLine, reading_of
from .verdict import Outcome, Question, Verdict, answering, browsing

PAGE = 36  # pictures on a page
SIMILAR = 12  # beside one image
NEAREST = 12  # where nothing matches
SKIPPED_SHOWN = 200

_SETTING = re.compile(r" \(setting \w+\)")

blueprint = Blueprint("pages", __name__)


@dataclass
class SearchPage:
    """All that the template shows."""

    asked: requests.PageParameters
    posted: bool = False
    result: SearchResult | None = None
    sections: Sequence[Section] = ()
    description: Description | None = None
    problem: Problem | None = None
    more: str | None = None  # address of the next page
    before: str | None = None
    reading: Reading | None = None
    read_as: ReadLine | None = None  # where the line was not taken as it stood
    verdict: Verdict | None = None  # None: there is a problem instead
    way_out: tuple[str, str] | None = None  # words and address, where nothing or little is shown
    total: int = 0  # images in the library
    revision: int = 0  # of the library
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)  # names, by filter
    unlike: str = "/"  # address of the same question without a picture
    chips: Sequence[tuple[str, str]] = ()  # words, address without it
    likeness: Card | None = None  # the image of the library that hits should be like
    examples: Sequence[str] = field(default_factory=tuple)


@blueprint.get("/")
def search() -> AnyResponse:
    if any(not value for value in request.args.values()):
        return redirect(address(_given(request.args)), 303)
    return _search_page(request.args, None)


@blueprint.post("/")
def search_picture() -> AnyResponse:
    image = payloads.read_image(request, required=False, beside=None)
    return _search_page(request.form, image)


@blueprint.get("/images/<image_id:image_id>")
def image(image_id: int) -> str:
    record = engine().image(image_id)
    like = Query(terms(image_id=image_id), limit=SIMILAR)
    near = app_state.search(like)
    shown = near if near.hits else app_state.search(_at_all(like))
    return render_template(
        "image.html",
        card=card_of(record),
        similar=sections(near.hits, Sort.RELEVANCE) if near.hits else nearest(shown.hits),
        others=_other_pictures(record),
        paths=[path_text(location.path) for location in record.locations],
        size=record.locations[0].stamp.size if record.locations else None,
        lost=_why_lost(image_id),
        asked=requests.PageParameters(),
        known=engine().known_values(),
    )


def _other_pictures(image: ImageRecord) -> list[Card]:
    """Of the product that the image shows, and of its variants."""
    if image.product is None:
        return []
    store = engine().store
    ids = store.products.images_of(image.collection, image.product.family)
    found = store.images.get([id_ for id_ in ids if id_ != image.id][:SIMILAR])
    return list(map(card_of, found.values()))


def _why_lost(image_id: int) -> str | None:
    """Why the original cannot be had; None where it can."""
    try:
        engine().original(image_id)[0].close()
    except PomonaError as error:
        return str(error)
    return None


@blueprint.get("/status")
def status() -> str:
    ready = engine()
    stats = ready.stats()
    roots = ready.store.roots.all()
    failures = ready.store.failures.all(limit=SKIPPED_SHOWN)
    reasons = Counter(failure.reason for failure in ready.store.failures.all())
    return render_template(
        "status.html",
        stats=stats,
        device=ready.model.encoder.device,
        reasons=[(reason.sentence, count) for reason, count in reasons.most_common()],
        skipped=[(failure_json(failure, roots)["path"], failure) for failure in failures],
        explained=explained,
        asked=requests.PageParameters(),
        known=ready.known_values(),
    )


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    language = wording.language()
    return {
        "language": language,
        "form": {name: words.said(language, "{}") for name, words in wording.FORM.items()},
        "targets": {
            target.value: words.said(language) for target, words in wording.TARGETS.items()
        },
        "sorts": {sort.value: order.label.said(language) for sort, order in ORDERS.items()},
        "controls": lambda asked, known: controls(asked, known, language),
        "picture_extensions": [name for each in FORMATS for name in each.extensions],
        "max_text": MAX_TEXT,
        "price_of": lambda product: price_of(product, language),
        "indexer": lambda arguments: command(arguments, app_state.library()),
        "limits": limits,
    }


blueprint.add_app_template_filter(plural)


@blueprint.after_request
def _in_the_language_that_was_asked_for(response: Response) -> Response:
    response.vary.add("Accept-Language")
    return response


@blueprint.app_template_filter("sentence")
def _sentence(detail: str) -> str:
    """What a problem says, for the person at this page: with commands for this library, and
    without the settings that only its owner can change."""
    said = advised(_SETTING.sub("", detail), app_state.library())
    return said[:1].upper() + said[1:].rstrip(".") + "."


def _search_page(given: MultiDict[str, str], image: bytes | None) -> AnyResponse:
    """An error of the question stays on the page, in words, with all that was filled in."""
    page = SearchPage(requests.PageParameters(), posted=image is not None)
    stats = engine().stats()
    page.total, page.revision = stats.images, stats.revision
    page.known = engine().known_values()
    # Until they are checked, at least the words stay in their box.
    page.asked = page.asked.model_copy(update={"q": given.get("q", "")[:MAX_TEXT]})
    try:
        page.asked = payloads.read_parameters(requests.PageParameters, _page_size(given))
        page.chips = list(chips(page.asked))
        page.unlike = address(page.asked, image_id=None, offset=0)
        rest = page.asked.rest(image)
        page.reading = app_state.read(page.asked.line(), rest)
        _fill(page, page.reading.within(rest))
        page.read_as = reading_of(page.asked, page.reading, engine().lexicon)
        page.way_out = _way_out(page)
    except (RequestError, QueryError, ImageError, NotFoundError) as error:
        problem = problem_of(error)
        page.problem = _for_people(problem)
        page.way_out = None if page.posted else _without(given, problem)
    html = render_template("search.html", page=page, asked=page.asked, known=page.known)
    return Response(html, page.problem.status if page.problem else 200, mimetype="text/html")


def _for_people(problem: Problem) -> Problem:
    """What is wrong with the question, without the names that programs use."""
    said = dict.fromkeys(filter(None, map(_said, problem.faults)))
    return replace(problem, detail="; ".join(said)) if said else problem


def _said(fault: Fault) -> str | None:
    name = _parameter(fault)
    if name == "q" and fault.code == "value_error":
        return wording.UNREADABLE_WORDS
    return wording.PARAMETERS.get(name)


def _parameter(fault: Fault) -> str:
    """The name in the page's address of what is wrong; empty for the size of all pages together."""
    part = fault.pointer.split("/")
    return "q" if part[-1] == "text" else part[1] if part[1:] else ""


def _without(given: MultiDict[str, str], problem: Problem) -> tuple[str, str] | None:
    """A link to the same question without what is wrong with it."""
    wrong = {_parameter(fault) or "offset" for fault in problem.faults} & set(given)
    if not wrong:
        return None
    words = "To the first page" if wrong <= {"offset", "cursor"} else "Leave that out"
    kept = {name: values for name, values in given.lists() if name not in {*wrong, "limit"}}
    return words, address(kept)


def _fill(page: SearchPage, query: Query) -> None:
    if query.image_id is not None:
        page.likeness = card_of(engine().image(query.image_id))
    if not query.terms:
        _browse(page, query)
        return
    if query.image is not None and query.text is None and query.offset == 0:
        page.description = app_state.describe(query.image)
    result = app_state.search(query)
    page.result = result
    closest = [] if result.total else app_state.search(_at_all(query)).hits
    page.sections = nearest(closest) or sections(result.hits, query.sort, query.image)
    page.verdict = answering(
        _question(page, query),
        result,
        in_library=page.total,
        offset=query.offset,
        nearest=len(closest),
        filtered=bool(query.filters),
        ranked=query.any_relevance,
    )
    if following := next_offset(query, result.total):
        page.more = address(page.asked, offset=following)
    if query.offset > 0 and result.hits:
        page.before = address(page.asked, offset=max(0, query.offset - query.limit))


def _question(page: SearchPage, query: Query) -> Question:
    like = page.likeness.words if page.likeness else ""
    return Question(page.asked.q.strip(), query.image is not None, like)


def _at_all(query: Query) -> Query:
    """The nearest, relevant or not: what comes closest may still be what was meant."""
    return replace(
        query, any_relevance=True, min_score=None, sort=Sort.RELEVANCE, limit=NEAREST, offset=0
    )


def _way_out(page: SearchPage) -> tuple[str, str] | None:
    """A link that leads on; none where it would lose the picture that was posted."""
    outcome = page.verdict and page.verdict.outcome
    if page.posted:
        return None
    if outcome is Outcome.BEYOND:
        return "To the first page", address(page.asked, offset=0)
    if outcome is Outcome.FILTERED:
        unfiltered = dict.fromkeys(requests.FilterFields.model_fields)
        return "Without the filters", address(page.asked, **unfiltered, offset=0)
    if outcome is Outcome.NONE and page.sections:
        ranked = {"relevance": "any", "sort": "relevance", "min_score": None, "offset": 0}
        return "Show all, nearest first", address(page.asked, **ranked)
    return None


def _browse(page: SearchPage, query: Query) -> None:
    """No question: what there is, newest first."""
    sort = Sort.NEWEST if query.sort is Sort.RELEVANCE else query.sort
    images, following = engine().images(query.filters, sort, page.asked.cursor, PAGE)
    if images:
        cards = [card_of(image) for image in images]
        page.sections = [Section("all", ORDERS[sort].heading, cards)]
    page.verdict = browsing(
        in_library=page.total,
        shown=len(images),
        filtered=bool(query.filters),
        goes_on=page.asked.cursor is not None,
    )
    is_home = page.asked == requests.PageParameters(limit=PAGE)
    page.examples = app_state.examples() if is_home else ()
    if following is not None:
        page.more = address(page.asked, cursor=following)


def _given(args: MultiDict[str, str]) -> dict[str, list[str]]:
    return {name: kept for name in args if (kept := [v for v in args.getlist(name) if v])}


def _page_size(given: MultiDict[str, str]) -> MultiDict[str, str]:
    """Our own number of pictures on a page, whatever the address says."""
    sized = given.copy()
    sized["limit"] = str(PAGE)
    return sized
