"""`indexer describe`: say what a picture shows."""

from __future__ import annotations

from contextlib import closing

import click

from search.serialization import description_json

from ..hits import mark_same, same, words_of
from ..options import Options, caption_options, model_options, paths_type, shared
from ..pictures import named, read_picture


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
    told = description_json(description, absolute=True)
    console.summary(**told)
    mark_same(told["nearest"], description.nearest, picture)
    console.say(told["caption"] or "(no captioner)")
    console.say("tags     " + ", ".join(f"{t['text']} {t['score']:.2f}" for t in told["tags"]))
    for hit in told["nearest"]:
        console.say(same(hit) if hit["same"] else f"nearest  {words_of(hit)}")
