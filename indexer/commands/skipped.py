"""`indexer skipped`: which files could not be indexed, and why."""

from __future__ import annotations

import click

from search.errors import explained
from search.shapes.library import failure_json
from search.store import Store

from ..console import printable
from ..options import Options, shared


@click.command("skipped")
@shared
def command(options: Options) -> None:
    """Which files could not be indexed, and why.

    \b
    indexer skipped
    indexer add ~/Pictures --retry             try them again
    indexer remove ~/Pictures/broken.jpg       leave one out from now on
    """
    console = options.console()
    with Store.open(options.settings()) as store:
        failures = store.failures.all()
    for failure in failures:
        console.line("file", **failure_json(failure))
        why = explained(failure.reason, failure.detail)
        console.say(f"{printable(failure.path)}: {why}")
    console.summary(f"{len(failures):,} skipped", skipped=len(failures))
