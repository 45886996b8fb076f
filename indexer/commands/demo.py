"""`indexer demo`: draw a sample collection, index it and serve the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from search.jobs import IngestRequest

from ..console_reporter import ConsoleReporter
from ..options import Options, shared
from ..outcome import tell
from ..runs import run
from .serve import address_options, serve


@click.command("demo")
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Your own folder in place of the drawn sample.",
)
@address_options
@shared
def command(options: Options, photos: Path | None, host: str, port: int) -> None:
    """Draw a sample collection, index it and serve the page; Ctrl-C ends it.

    \b
    indexer demo
    indexer demo --photos ~/Pictures

    The sample has a library of its own. With --photos DIR, that folder goes into your library,
    and every other command finds it there.
    """
    settings = options.settings()
    if photos is None:
        from sample import draw_collection

        home = options.library or settings.library.with_name(settings.library.name + "-demo")
        options = replace(options, library=home)
        settings = options.settings()
        photos = home / "photos"
        options.console().note(f"Drawing a sample collection in {photos} ...")
        draw_collection(photos)
    console = options.console()
    request = IngestRequest((bytes(photos.absolute()),))
    with console.progress():
        report = run(settings, request, ConsoleReporter(console))
    tell(console, report)
    serve(options, host, port, settings)
