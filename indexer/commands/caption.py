"""`indexer caption`: write the captions that are missing."""

from __future__ import annotations

import click

from search.locks import run_lock
from search.store import Store

from ..captions import CaptionReport, caption_missing
from ..ingest import SKIPPED, Told, towers_opener
from ..options import Options, caption_options, model_options, shared


@click.command("caption")
@click.option("--wait", is_flag=True, help="Wait for another run to end.")
@model_options
@caption_options
@shared
def command(
    options: Options,
    wait: bool,
) -> None:
    """Write the captions that are missing, in the language that is asked for.

    After `add --no-captions`, or for a second language. Ctrl-C is safe; the next run goes on.
    """
    if options.captioner == "none":
        raise click.UsageError("--captioner none writes no captions: name another one")
    console = options.console()
    settings = options.settings()
    with (
        Store.open(settings, writable=True) as store,
        run_lock(settings.library, "caption", wait=wait),
    ):
        report = CaptionReport(0, 0)
        if store.without_caption(settings.caption_language):
            towers = towers_opener(console, settings, store)()
            with console.progress():
                report = caption_missing(store, towers, settings, Told(console))
    console.summary(
        f"{report.captioned} pictures captioned, {report.failed} could not be.",
        captioned=report.captioned,
        skipped=report.failed,
    )
    raise SystemExit(SKIPPED if report.failed else 0)
