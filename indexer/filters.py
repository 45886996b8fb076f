"""Options that narrow a search, for every command that searches."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from search.records import Filters, Orientation, Query, Sort, Target

_OPTIONS = (
    click.option("--limit", type=click.IntRange(1, 200), default=12, show_default=True),
    click.option("--offset", type=click.IntRange(0), default=0, help="Skip that many hits."),
    click.option("--collection", multiple=True, help="Only this collection; may be repeated."),
    click.option("--folder", multiple=True, help="Only below this folder of a root."),
    click.option("--taken-after", type=click.DateTime(), help="Date, inclusive."),
    click.option("--taken-before", type=click.DateTime(), help="Date, exclusive."),
    click.option("--orientation", multiple=True, type=click.Choice([o.value for o in Orientation])),
    click.option("--format", "format_", multiple=True, help="JPEG, PNG, WEBP, ..."),
    click.option(
        "--target",
        type=click.Choice([t.value for t in Target if t is not Target.WORDS]),
        default="hybrid",
        show_default=True,
        help="Evidence: pictures, captions, or both.",
    ),
    click.option(
        "--sort", type=click.Choice([s.value for s in Sort]), default="relevance", show_default=True
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
            folders=folder,
            taken_after=_utc(taken_after),
            taken_before=_utc(taken_before),
            orientations=tuple(map(Orientation, orientation)),
            formats=tuple(name.upper() for name in format_),
        )
        query = Query(
            filters=filters,
            target=Target(target),
            sort=Sort(sort),
            limit=limit,
            offset=offset,
            any_relevance=everything,
        )
        return function(*args, query=query, **rest)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
