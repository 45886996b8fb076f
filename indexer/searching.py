"""Searching from the command line: by a running server where there is one, else by ourselves."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from search.filters import Filters
from search.language import NO_LINE, Line
from search.query import Query
from search.requests import request_json, terms
from search.settings import Settings
from search.shapes.hits import line_json, why
from search.shapes.values import path_json
from search.store import Store
from search.words import counted

from .console import Console, printable
from .query_picture import image_id, read_picture
from .search_options import SHOWN, check_known
from .server_file import ask, server_of

if TYPE_CHECKING:
    from search.records import Hit, ImageRecord


def show_hits(console: Console, settings: Settings, query: Query, line: Line = NO_LINE) -> None:
    """Print one line for each hit, and the summary. `line`: words to be read, beside `query`."""
    answer = find(settings, query, line)
    for hit in answer["hits"]:
        console.line("hit", **line_json(hit))
        console.say(f"{hit['rank']:>3}  {words_of(hit)}" if not hit.get("same") else same(hit))
    for facet in answer.get("facets", ()):
        console.say(_counts(facet))
    told = ("total", "took_ms", "revision", "query", "facets")
    console.summary(**{name: answer[name] for name in told if name in answer})
    if not console.json:
        for said in how_read(answer["query"]):
            console.note(said)
        console.note(_ending(answer, query, settings))


def find(settings: Settings, query: Query, line: Line = NO_LINE) -> dict[str, Any]:
    """A search result as the API gives it, with absolute paths."""
    if query.filters:
        with Store.open(settings) as store:
            check_known(store, query.filters)
    own = query.image is not None or settings.model or settings.device != "auto"
    url = None if own else server_of(settings.library)
    return _remote(settings, url, query, line) if url else _local(settings, query, line)


def _local(settings: Settings, rest: Query, line: Line) -> dict[str, Any]:
    from search.bootstrap import open_engine
    from search.shapes.hits import result_json

    engine = open_engine(settings)
    try:
        reading = engine.read(line, rest)
        check_known(engine.store, reading.filters)
        query = reading.within(rest)
        result = engine.search(query)
        answer: dict[str, Any] = {**result_json(result, query, reading, absolute=True)}
        mark_same(answer["hits"], result.hits, query.image)
        return answer
    finally:
        engine.close()


def _remote(settings: Settings, url: str, query: Query, line: Line) -> dict[str, Any]:
    answer = ask(url, request_json(query, line))
    ids = [hit["id"] for hit in answer["hits"]]
    with Store.open(settings) as store:
        if not answer["total"]:
            check_known(store, _filters_of(answer["query"]["read_as"]))
        records = store.images.get(ids)
    for hit in answer["hits"]:
        if record := records.get(hit["id"]):
            hit.update(_absolute(record))
    return answer


def _filters_of(read_as: Sequence[dict[str, Any]]) -> Filters:
    """Those that a server found in the line."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    for part in read_as:
        if part["kind"] == "filter":
            values[part["filter"]].append(part["value"])
    return Filters(**values)


def _absolute(record: ImageRecord) -> dict[str, Any]:
    return {**path_json(record.locations[0].absolute)} if record.locations else {"path": None}


def mark_same(shown: Sequence[dict[str, Any]], hits: Sequence[Hit], picture: bytes | None) -> None:
    """Mark those of `shown` that are the picture itself: it is no neighbour of its own."""
    content = None if picture is None else hashlib.sha256(picture).hexdigest()
    for line, hit in zip(shown, hits, strict=True):
        line["same"] = hit.image.content_hash == content


def how_read(query: dict[str, Any]) -> Iterator[str]:
    """What a person is told of a line that was not simply taken for words."""
    parts = query["read_as"]
    if len(parts) > 1 or any("weight" in part or "also" in part for part in parts):
        yield f"Read as: {'; '.join(map(_part, parts))}."
    for each in query["corrections"]:
        yield (
            f"Searched for {printable(each['used'].encode())} instead of "
            f"{printable(each['typed'].encode())}; --plain searches as typed."
        )
    if query["unknown"]:
        yield f"Nobody here knows {', '.join(query['unknown'])}."


_SAID = {
    "not": "not ",
    "image": "like image ",
    "more_like": "more like image ",
    "less_like": "unlike image ",
    "sort": "in the order ",
}


def _part(part: dict[str, Any]) -> str:
    said = " / ".join([_quoted(part), *part.get("also", [])])
    named = f"{part['filter']} " if part["kind"] == "filter" else _SAID.get(part["kind"], "")
    weight = f" (weight {part['weight']:g})" if "weight" in part else ""
    return printable(f"{named}{said}{weight}".encode("utf-8", "surrogateescape"))


def _quoted(part: dict[str, Any]) -> str:
    if part["kind"] == "picture":
        return "the picture"
    return f'"{part["value"]}"' if part.get("exact") else str(part["value"])


def words_of(hit: dict[str, Any]) -> str:
    """Score, file and caption of a hit, whether it is a good one, and why it is one."""
    mark = {"weak": "  (weak)", "none": "  (no match)"}.get(hit["relevance"], "")
    because = f"  [{why(hit['reasons'])}]" if hit.get("reasons") else ""
    said = _sold(hit["product"]) if hit.get("product") else hit["caption"] or ""
    return f"{hit['score']:.2f}  {_path(hit)}  {said}{mark}{because}"


def _sold(product: dict[str, Any]) -> str:
    """Title, price, and how many variants there are."""
    price = (
        "" if product["price"] is None else f"{product['price']:,.2f} {product['currency'] or ''}"
    )
    variants = f"{len(product['variants'])} variants" if len(product["variants"]) > 1 else ""
    said = ", ".join(filter(None, [product["title"] or product["sku"], price.strip(), variants]))
    return printable(said.encode())


def same(hit: dict[str, Any]) -> str:
    """What is said of the picture itself."""
    return f"This picture is in the library: {_path(hit)} (image {hit['id']})"


def _counts(facet: dict[str, Any]) -> str:
    """A line for a person: "camera: Canon EOS 5D 12, NIKON D90 3"."""
    values = [f"{printable(v['label'].encode())} {v['count']:,}" for v in facet["values"][:SHOWN]]
    more = len(facet["values"]) - SHOWN
    rest = [f"and {more} more"] if more > 0 else []
    return f"{facet['name']}: {', '.join([*values, *rest]) or 'none'}"


def _path(hit: dict[str, Any]) -> str:
    return printable((hit["path"] or "(no file)").encode("utf-8", "surrogateescape"))


def _ending(answer: dict[str, Any], query: Query, settings: Settings) -> str:
    took = f"{answer['took_ms'] / 1000:.2f} s"
    if not answer["total"]:
        with Store.open(settings) as store:
            if not store.stats().images:
                return "The library is empty. Run `indexer add PATH` first."
        return f"{_nothing(query)} ({took}). {_remedy(query)}"
    cut = " Only the beginning of the text was read." if answer["query"]["truncated"] else ""
    return f"{counted(answer['total'], 'match')} in {took}.{cut}"


def _nothing(query: Query) -> str:
    if query.any_relevance:
        return "No picture passes these filters"
    return "Nothing matches within these filters" if query.filters else "Nothing matches"


def _remedy(query: Query) -> str:
    if query.any_relevance:
        return "Leave a filter out."
    return "Add --all to rank every picture all the same."


def similar_to(query: Query, target: bytes) -> Query:
    """`target` as a picture file, or as an image's id when it is digits and no such file exists."""
    number = image_id(target)
    if number is not None:
        return replace(query, terms=terms(image_id=number))
    return replace(query, terms=terms(image=read_picture(target)))
