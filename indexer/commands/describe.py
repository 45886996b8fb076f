"""`indexer describe`: say what a picture shows."""

from __future__ import annotations

import click

from search.serialization import description_json

from ..console import printable
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
    """Say what a picture shows: a caption, tags, and its neighbours in the library."""
    from search.bootstrap import open_engine

    console = options.console()
    picture = read_picture(file)
    engine = open_engine(options.settings())
    with named(file):
        told = description_json(engine.describe(picture), absolute=True)
    engine.close()
    console.summary(**told)
    console.say(told["caption"] or "(no captioner)")
    console.say("tags     " + ", ".join(f"{t['text']} {t['score']:.2f}" for t in told["tags"]))
    for hit in told["nearest"]:
        path = printable((hit["path"] or "").encode("utf-8", "surrogateescape"))
        console.say(f"nearest  {hit['score']:.2f}  {path}  {hit['caption'] or ''}")
