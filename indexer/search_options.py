"""Options that narrow a search, for every command that searches."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from search.errors import QueryError
from search.query import Query, Target
from search.records import Filters, Orientation, Sort
from search.signatures import SUPPORTED, format_named
from search.store import Store

from .console import printable
from .options import absolute

SHOWN = 12  # names that a message lists at most


class FormatName(click.ParamType[str]):
    """A format by its name or an extension, in any case."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        found = format_named(value)
        if found is None:
            self.fail(_no_format(value), param, ctx)
        return found


_OPTIONS = (
    click.option(
        "--limit",
        type=click.IntRange(1, 200),
        default=12,
        show_default=True,
        help="Hits to show.",
    ),
    click.option("--offset", type=click.IntRange(0), default=0, help="Skip that many hits."),
    click.option("--collection", multiple=True, help="Only this collection; may be repeated."),
    click.option(
        "--folder",
        multiple=True,
        help="Only below this folder: relative to the folder that was added, or any path to it.",
    ),
    click.option("--taken-after", type=click.DateTime(), help="Date, inclusive."),
    click.option("--taken-before", type=click.DateTime(), help="Date, exclusive."),
    click.option(
        "--orientation",
        multiple=True,
        type=click.Choice([o.value for o in Orientation]),
        help="Only pictures of that shape; may be repeated.",
    ),
    click.option(
        "--format", "format_", multiple=True, type=FormatName(), help="JPEG (or jpg), PNG, ..."
    ),
    click.option(
        "--target",
        type=click.Choice([t.value for t in Target if t is not Target.WORDS]),
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
    click.option("--all", "everything", is_flag=True, help="Rank every picture, weak or not."),
)


def search_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function gets all of them as one empty `query`, to be filled with what is asked."""

    @functools.wraps(function)
    def wrapped(
        *args: Any,
        limit: int,
        offset: int,
        collection: tuple[str, ...],
        folder: tuple[str, ...],
        taken_after: datetime | None,
        taken_before: datetime | None,
        orientation: tuple[str, ...],
        format_: tuple[str, ...],
        target: str,
        sort: str,
        everything: bool,
        **rest: Any,
    ) -> Any:
        filters = Filters(
            collections=collection,
            folders=tuple(_folders(folder)),
            taken_after=_utc(taken_after),
            taken_before=_utc(taken_before),
            orientations=tuple(map(Orientation, orientation)),
            formats=format_,
        )
        query = Query(
            filters=filters,
            evidence=Target(target).evidence,
            sort=Sort(sort),
            limit=limit,
            offset=offset,
            any_relevance=everything,
        )
        return function(*args, query=query, **rest)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def check_known(store: Store, filters: Filters) -> None:
    """Raises QueryError for a collection, a folder or a format that the library cannot have: no
    picture could match, whatever is asked for. The message names those that there are."""
    for name in filters.formats:
        if format_named(name) is None:
            raise QueryError(_no_format(name))
    have = store.stats().collections if filters.collections else {}
    for name in filters.collections:
        if name not in have:
            raise QueryError(f"there is no collection {name!r}; {_known('collections', have)}")
    if (
        filters.folders
        and not store.images.page(Filters(folders=filters.folders), Sort.RELEVANCE, None, 1)[0]
    ):
        roots = [printable(root.path) for root in store.roots.all()]
        known = _known("folders", [*store.images.folders(), *roots])
        raise QueryError(f"no picture lies below {filters.folders[0]!r}; {known}")


def _no_format(name: str) -> str:
    return f"{name!r} is not a format that is indexed; these are: {', '.join(SUPPORTED)}"


def _known(what: str, names: Iterable[str]) -> str:
    """At most so many that a message stays readable."""
    shown = list(names)
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return (
        f"the library's {what} are: {', '.join(shown[:SHOWN])}{more}"
        if shown
        else (f"the library has no {what}")
    )


def _folders(given: Sequence[str]) -> Iterator[str]:
    """A folder as it was given, and where it lies if there is such a one here: what the shell
    completed begins at the working directory."""
    for folder in given:
        yield folder
        if os.path.isdir(folder) and not os.path.isabs(folder):
            yield os.fsdecode(absolute(os.fsencode(folder)))


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
