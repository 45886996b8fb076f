"""`indexer enrich`: what pictures lack that were indexed by an earlier version."""

from __future__ import annotations

import click

from search.store import Store
from search.words import counted

from ..console_reporter import ConsoleReporter
from ..decoding import DecoderPool
from ..enrichment import enrich
from ..missing_facts import MissingFacts
from ..options import Options, shared
from ..outcome import SKIPPED

STEPS = {"facts": MissingFacts}


@click.command("enrich")
@click.argument("step", type=click.Choice(list(STEPS)))
@click.option("--wait", is_flag=True, help="Wait for another run to end.")
@shared
def command(options: Options, step: str, wait: bool) -> None:
    """Add what pictures lack that were indexed by an earlier version.

    \b
    indexer enrich facts     camera, colours and what shows copies, from each file

    `add` keeps all of that for new pictures. No model is needed. Ctrl-C is safe; the next run goes
    on.
    """
    console, settings = options.console(), options.settings()
    with (
        Store.for_run(settings, "enrich", wait=wait) as store,
        console.progress(),
        DecoderPool.of(settings) as reader,
    ):
        reporter = ConsoleReporter(console)
        report = enrich(store, STEPS[step](store), reader, settings, reporter)
    console.summary(
        f"{counted(report.done, 'picture')} enriched, {report.failed:,} could not be.",
        step=step,
        enriched=report.done,
        skipped=report.failed,
    )
    raise SystemExit(SKIPPED if report.newly_failed else 0)
