"""`indexer describe`: say what a picture shows."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click

from search.shapes.hits import description_json

from ..options import Options, caption_options, model_options, paths_type, shared
from ..query_picture import named, read_picture
from ..searching import mark_same, same, words_of


@click.command("describe")
@click.argument("file", type=paths_type)
@model_options
@caption_options
@shared
def command(
    options: Options,
    file: bytes,
) -> None:
    """Say what a picture shows: a caption, tags, and its neighbours in the library.

    \b
    indexer describe holiday.jpg
    """
    from search.bootstrap import open_engine

    console = options.console()
    picture = read_picture(file)
    with closing(open_engine(options.settings())) as engine, named(file):
        description = engine.describe(picture)
    answer = description_json(description, absolute=True)
    console.summary(**answer)
    nearest: list[dict[str, Any]] = [{**hit} for hit in answer["nearest"]]
    mark_same(nearest, description.nearest, picture)
    console.say(answer["caption"] or "(no captioner)")
    console.say("tags     " + ", ".join(f"{t['text']} {t['score']:.2f}" for t in answer["tags"]))
    for hit in nearest:
        console.say(same(hit) if hit["same"] else f"nearest  {words_of(hit)}")
