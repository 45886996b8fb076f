"""`indexer sync`: bring the library in step with its folders, removals included."""

from __future__ import annotations

import click

from search.jobs import IngestOptions, IngestRequest

from ..console_reporter import ConsoleReporter
from ..options import Options, absolute, caption_options, model_options, paths_type, shared
from ..outcome import REFUSED, tell
from ..runs import run


@click.command("sync")
@click.argument("roots", metavar="[ROOT...]", nargs=-1, type=paths_type)
@click.option("--yes", is_flag=True, help="Remove even a large part of a folder.")
@click.option("--retry", is_flag=True, help="Try files again that could not be indexed before.")
@click.option("--no-captions", is_flag=True, help="Leave captions for `indexer caption`.")
@click.option("--wait", is_flag=True, help="Wait for another run to end.")
@model_options
@caption_options
@shared
def command(
    options: Options,
    roots: tuple[bytes, ...],
    yes: bool,
    retry: bool,
    no_captions: bool,
    wait: bool,
) -> None:
    """Index what is new or changed in the folders that were added, and remove what is gone.

    \b
    indexer sync                      all folders; `indexer status` lists them
    indexer sync ~/Pictures/2024      one of them, or a folder inside
    indexer sync --quiet              for cron: docs/command-line.md has a recipe

    A folder that is missing, empty or unreadable removes nothing. More than 100 pictures that are
    more than a tenth of their folder go only with --yes. Without ROOT, all folders are visited.
    """
    console, settings = options.console(), options.settings()
    reporter = ConsoleReporter(console)
    request = IngestRequest(
        tuple(map(absolute, roots)),
        sync=True,
        captions=not no_captions,
        options=IngestOptions(yes=yes, retry=retry),
        wait=wait,
    )
    with console.progress():
        report = run(settings, request, reporter)
    raise SystemExit(tell(console, report) or (REFUSED if reporter.missing else 0))
