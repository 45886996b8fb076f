"""`indexer reindex`: change the library's model, without a pause."""

from __future__ import annotations

import click

from search.locks import run_lock
from search.store import Store

from ..ingest import Told, open_towers
from ..options import Options, caption_options, model_options, shared
from ..reindexing import ReindexReport, reindex


@click.command("reindex")
@click.option("--no-captions", is_flag=True, help="Leave captions for `indexer caption`.")
@click.option("--yes", is_flag=True, help="Switch although some files cannot be read any more.")
@click.option("--wait", is_flag=True, help="Wait for another run to end.")
@model_options
@caption_options
@shared
def command(
    options: Options,
    no_captions: bool,
    yes: bool,
    wait: bool,
) -> None:
    """Change the library's model: every picture is read again and embedded beside the old vectors.

    Searches keep using the old model until the new one is complete; then they switch at once (a
    server has to be started anew). `indexer forget --model OLD` frees the space of the old vectors.
    """
    console = options.console()
    settings = options.settings()
    with Store.open(settings) as store, run_lock(settings.library, "reindex", wait=wait):
        towers = open_towers(console, settings, options.model, captions=not no_captions)
        with console.progress():
            report = reindex(store, towers, settings, without_failed=yes, reporter=Told(console))
    console.summary(
        _told(report, towers.encoder.info.name),
        embedded=report.embedded,
        skipped=report.failed,
        switched=report.switched,
        model=towers.encoder.info.name,
    )
    raise SystemExit(0 if report.switched else 3)


def _told(report: ReindexReport, name: str) -> str:
    if report.switched:
        return f"{report.embedded} pictures embedded; the library's model is {name} now."
    return (
        f"{report.embedded} pictures embedded, but the files of {report.failed} cannot be read: "
        "the model stays as it was. Run `indexer sync` first, or say --yes to leave those out."
    )
