"""`indexer search`: find pictures by words, by a picture, or by both."""

from __future__ import annotations

from dataclasses import replace

import click

from search.language import Line
from search.query import Query
from search.requests import terms

from ..options import Options, model_options, paths_type, shared
from ..query_picture import named, read_picture
from ..search_options import search_options
from ..searching import show_hits


@click.command("search")
@click.argument("text", required=False)
@click.option("--image", type=paths_type, help="A picture to look for, alone or with the words.")
@click.option("--not", "negative", help="Words to stay away from.")
@click.option("--plain", is_flag=True, help="Take TEXT as it stands; nothing in it is read.")
@search_options
@model_options
@shared
def command(
    options: Options,
    text: str | None,
    image: bytes | None,
    negative: str | None,
    plain: bool,
    query: Query,
) -> None:
    """Find pictures by words, in English or Chinese.

    \b
    indexer search "red apple"
    indexer search 红色苹果 --limit 5
    indexer search "apple, not red"
    indexer search 'beach +night before:2024-07 camera:"Pixel 8"'
    indexer search "but blue" --image mug.jpg --not striped

    docs/query-language.md says all that TEXT may hold. Words in "quotes" are taken as they stand.
    """
    if not text and image is None:
        raise click.UsageError("say what to look for: words, --image FILE, or both")
    picture = None if image is None else read_picture(image)
    rest = replace(query, terms=terms(image=picture, negative=negative))
    with named(image):
        show_hits(options.console(), options.settings(), rest, Line(text or "", plain=plain))
