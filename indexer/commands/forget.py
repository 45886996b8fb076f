"""`indexer forget`: free the space of a model that is not used any more."""

from __future__ import annotations

import click

from search.store import Store
from search.words import counted

from ..options import Options, shared


@click.command("forget")
@click.option("--model", "left", required=True, help="The model whose vectors are to go.")
@click.option("--wait", is_flag=True, help="Wait for another run to end.")
@shared
def command(options: Options, left: str, wait: bool) -> None:
    """Delete the vectors of a model that the library has left by `reindex`.

    \b
    indexer forget --model embedded
    """
    settings = options.settings()
    with Store.for_run(settings, "forget", wait=wait) as store:
        forgotten = store.encoders.forget(left)
    options.console().summary(f"{counted(forgotten, 'vector')} forgotten", forgotten=forgotten)
