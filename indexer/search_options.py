"""Options that narrow a search, for every command that searches."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import click

from search.errors import QueryError
from search.filters import (
    FILTERS,
    Below,
    Choice,
    Filter,
    Filters,
    Moment,
    OneOf,
    Text,
    faceted,
)
from search.query import Collapse, Query, Target
from search.records import Sort
from search.store import Store

from .console import printable
from .options import absolute

SHOWN = 12  # names that a message lists at most


class Value(click.ParamType[Any]):
    """What a filter's value may be, checked by the filter itself."""

    def __init__(self, kind: Filter) -> None:
        self._kind = kind
        self.name = kind.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._kind.read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class FacetNames(click.ParamType[Any]):
    """Names of filters that have a facet, with commas between them."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        names = [name.strip() for name in value.split(",")] if isinstance(value, str) else value
        try:
            asked = tuple(name for name in names if name)
            return tuple(kind.name for kind in faceted(asked)) if asked else ()
        except QueryError as error:
            self.fail(str(error), param, ctx)


def _option(kind: Filter) -> Callable[[Any], Any]:
    return click.option(
        f"--{kind.name.replace('_', '-')}",
        f"filter_{kind.name}",
        multiple=kind.many,
        type=_type(kind),
        help=f"{kind.help.rstrip('.')}; may be repeated." if kind.many else kind.help,
    )


def _type(kind: Filter) -> click.ParamType[Any]:
    match kind.values:
        case Moment():
            return click.DateTime()
        case Choice(options, called) if called is None:
            return click.Choice([str(option) for option in options])
    return Value(kind)


_OPTIONS = (
    click.option(
        "--limit",
        type=click.IntRange(1, 200),
        default=12,
        show_default=True,
        help="Hits to show.",
    ),
    click.option("--offset", type=click.IntRange(0), default=0, help="Skip that many hits."),
    *map(_option, FILTERS),
    click.option(
        "--target",
        type=click.Choice([t.value for t in Target]),
        default="hybrid",
        show_default=True,
        help="Evidence: pictures, captions, or both.",
    ),
    click.option(
        "--sort",
        type=click.Choice([s.value for s in Sort]),
        default="relevance",
        show_default=True,
        help="What comes first.",
    ),
    click.option(
        "--collapse",
        type=click.Choice([c.value for c in Collapse]),
        default=Collapse.DUPLICATES.value,
        show_default=True,
        help="Pictures that are nearly the same are one hit, or none is.",
    ),
    click.option(
        "--facets",
        type=FacetNames(),
        default="",
        help="Count the answer by these filters: year,camera.",
    ),
    click.option("--all", "everything", is_flag=True, help="Rank every picture, weak or not."),
)


def search_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function gets all of them as one empty `query`, to be filled with what is asked."""

    @functools.wraps(function)
    def wrapped(
        *args: Any,
        limit: int,
        offset: int,
        target: str,
        sort: str,
        collapse: str,
        facets: tuple[str, ...],
        everything: bool,
        **rest: Any,
    ) -> Any:
        given = {kind.name: _given(kind, rest.pop(f"filter_{kind.name}")) for kind in FILTERS}
        query = Query(
            filters=Filters(**given),
            evidence=Target(target).evidence,
            sort=Sort(sort),
            limit=limit,
            offset=offset,
            any_relevance=everything,
            collapse=Collapse(collapse),
            facets=facets,
        )
        return function(*args, query=query, **rest)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def check_known(store: Store, filters: Filters) -> None:
    """Raises QueryError for a name or a folder that the library does not have: no picture could
    match, whatever is asked for. The message names those that there are."""
    for kind, values in filters.conditions():
        if isinstance(kind, OneOf) and kind.values == Text(listed=True):
            _check_names(store, kind, values)
        elif isinstance(kind, Below):
            _check_folders(store, Filters(**{kind.name: values}), values[0])


def _check_names(store: Store, kind: OneOf, values: Sequence[str]) -> None:
    have = store.values.known(kind.column)
    for value in values:
        if value not in have:
            known = _known(f"{kind.name}s", have)
            raise QueryError(f"there is no {kind.name} {value!r}; {known}")


def _check_folders(store: Store, filters: Filters, folder: str) -> None:
    if not store.images.page(filters, Sort.RELEVANCE, None, 1)[0]:
        roots = [printable(root.path) for root in store.roots.all()]
        known = _known("folders", [*store.images.folders(), *roots])
        raise QueryError(f"no picture lies below {folder!r}; {known}")


def _known(what: str, names: Iterable[str]) -> str:
    """At most so many that a message stays readable."""
    shown = list(names)
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return (
        f"the library's {what} are: {', '.join(shown[:SHOWN])}{more}"
        if shown
        else (f"the library has no {what}")
    )


def _given(kind: Filter, values: Any) -> Any:
    return tuple(_folders(values)) if isinstance(kind, Below) else values


def _folders(given: Sequence[str]) -> Iterator[str]:
    """A folder as it was given, and where it lies if there is such a one here: what the shell
    completed begins at the working directory."""
    for folder in given:
        yield folder
        if os.path.isdir(folder) and not os.path.isabs(folder):
            yield os.fsdecode(absolute(os.fsencode(folder)))
