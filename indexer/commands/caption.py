"""`indexer caption`: write the captions that are missing."""

from __future__ import annotations

import click

from search.store import Store
from search.words import counted

from ..console_reporter import ConsoleReporter
from ..decoding import DecoderPool
from ..enrichment import EnrichReport, enrich
from ..missing_captions import MissingCaptions
from ..opening import towers_opener
from ..options import Options, caption_options, model_options, shared
from ..outcome import SKIPPED


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

    \b
    indexer caption                             after `add --no-captions`
    indexer caption --caption-language zh       a second language beside the first

    Captions that are there stay. Ctrl-C is safe; the next run goes on.
    """
    if options.captioner == "none":
        raise click.UsageError("--captioner none writes no captions: name another one")
    console = options.console()
    settings = options.settings()
    with Store.for_run(settings, "caption", wait=wait) as store:
        report = EnrichReport(0, 0)
        if store.captions.missing(settings.caption_language, limit=1):
            reporter = ConsoleReporter(console)
            towers = towers_opener(store, settings, reporter)()
            with console.progress(), DecoderPool.of(settings) as reader:
                step = MissingCaptions(store, towers)
                report = enrich(store, step, reader, settings, reporter)
    console.summary(
        f"{counted(report.done, 'picture')} captioned, {report.failed:,} could not be.",
        captioned=report.done,
        skipped=report.failed,
    )
    raise SystemExit(SKIPPED if report.newly_failed else 0)
