"""`indexer status`: what the library holds."""

from __future__ import annotations

import click

from search.serialization import stats_json
from search.store import Store

from ..options import Options, shared


@click.command("status")
@shared
def command(options: Options) -> None:
    """What the library holds: images, captions, skipped files, model, collections."""
    console = options.console()
    settings = options.settings()
    with Store.open(settings) as store:
        stats = store.stats()
    console.summary(library=str(settings.library), **stats_json(stats, device=settings.device))
    console.say(f"library      {settings.library}")
    console.say(f"images       {stats.images} at {stats.locations} locations")
    console.say(f"captions     {stats.captions}, by {stats.captioner or 'nobody'}")
    why = console.advised(" (see `indexer skipped`)") if stats.skipped else ""
    console.say(f"skipped      {stats.skipped}{why}")
    console.say(f"model        {stats.model or 'none yet'}, on {settings.device}")
    for name, count in stats.collections.items():
        console.say(f"collection   {name}: {count}")
    console.say(f"revision     {stats.revision}")
