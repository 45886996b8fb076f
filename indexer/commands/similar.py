"""`indexer similar`: find pictures that look like a file or like an image."""

from __future__ import annotations

import click

from search.query import Query

from ..options import Options, model_options, paths_type, shared
from ..query_picture import named
from ..search_options import search_options
from ..searching import show_hits, similar_to


@click.command("similar")
@click.argument("what", metavar="FILE|ID", type=paths_type)
@search_options
@model_options
@shared
def command(options: Options, what: bytes, query: Query) -> None:
    """Find pictures that look like a file, or like an image of the library by its id.

    \b
    indexer similar holiday.jpg
    indexer similar 42 --limit 5

    Digits are an id unless such a file exists.
    """
    asked = similar_to(query, what)
    with named(what):
        show_hits(options.console(), options.settings(), asked)
