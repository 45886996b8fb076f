"""`indexer rank`: order texts by how well they say what a picture shows."""

from __future__ import annotations

from contextlib import closing

import click

from search.query import Image, Picture
from search.records import RankedText
from search.shapes.hits import ranked_json

from ..options import Options, model_options, paths_type, shared
from ..query_picture import image_id, named, read_picture


@click.command("rank")
@click.argument("what", metavar="FILE|ID", type=paths_type)
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True)
@model_options
@shared
def command(options: Options, what: bytes, texts: tuple[str, ...]) -> None:
    """Order texts by how well they say what a picture shows, a file or an image of the library.

    \b
    indexer rank holiday.jpg "a beach" "a mountain" "a street at night"
    indexer rank 42 苹果 橘子

    Each line has the probability that this text is the one, if it is one of these: they add up
    to 1. The score behind it is the relevance of the text by itself: where all are "no match",
    the picture shows something else. Digits are an id unless such a file exists.
    """
    from search.bootstrap import open_engine

    console = options.console()
    number = image_id(what)
    shown = Picture(read_picture(what)) if number is None else Image(number)
    with closing(open_engine(options.settings())) as engine, named(what):
        ranked = engine.rank(shown, texts)
    for each in ranked:
        console.say(_line(each))
    console.summary(**ranked_json(ranked))


def _line(each: RankedText) -> str:
    mark = {"weak": "  (weak)", "none": "  (no match)"}.get(each.relevance.value, "")
    cut = "  (only its beginning was read)" if each.truncated else ""
    return f"{each.rank:>3}  {each.probability:.3f}  {each.text}  [{each.score:.2f}]{mark}{cut}"
