"""`indexer models`: the models that can be named."""

from __future__ import annotations

from dataclasses import asdict

import click

from search.models import MODELS

from ..options import Options, shared


@click.command("models")
@click.argument("action", type=click.Choice(["list"]), default="list")
@shared
def command(options: Options, action: str) -> None:
    """The models that can be named with --model, with size, languages and licence.

    Besides these, --model takes openclip:MODEL/PRETRAINED (a pair that open_clip knows) and
    openclip:/path/to/folder. Weights other than `embedded` are downloaded at their first use.
    """
    console = options.console()
    for model in MODELS:
        console.line("model", **asdict(model))
        languages = ",".join(model.languages)
        console.say(
            f"{model.name:<14}{model.megabytes:>6} MB  {languages:<7}"
            f"{model.licence:<34}{model.note}"
        )
    console.summary(models=len(MODELS))
