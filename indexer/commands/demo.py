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
@click.option("--shop", is_flag=True, help="Draw a shop: sixty products with their feed.")
@address_options
@shared
def command(options: Options, photos: Path | None, shop: bool, host: str, port: int) -> None:
    """Draw a sample collection, index it and serve the page; Ctrl-C ends it.

    \b
    indexer demo
    indexer demo --shop
    indexer demo --photos ~/Pictures

    The sample has a library of its own. With --photos DIR, that folder goes into your library,
    and every other command finds it there.
    """
    if shop and photos:
        raise click.UsageError("--shop draws its own pictures: leave out --photos")
    settings = options.settings()
    if photos is None:
        kind = "shop" if shop else "demo"
        home = options.library or settings.library.with_name(f"{settings.library.name}-{kind}")
        options = replace(options, library=home)
        settings = options.settings()
        photos = home / "photos"
        options.console().note(
            f"Drawing a sample {'shop' if shop else 'collection'} in {photos} ..."
        )
        paths = _drawn(photos, shop)
    else:
        paths = (photos,)
    console = options.console()
    given = tuple(bytes(path.absolute()) for path in paths)
    request = IngestRequest(feeds=given) if shop else IngestRequest(given)
    with console.progress():
        report = run(settings, request, ConsoleReporter(console))
    tell(console, report)
    serve(options, host, port, settings)


def _drawn(folder: Path, shop: bool) -> tuple[Path, ...]:
    """What to add: the folder, or the feed in it."""
    if shop:
        from sample.shop import draw_shop

        return (draw_shop(folder),)
    from sample import draw_collection

    draw_collection(folder)
    return (folder,)
