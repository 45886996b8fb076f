"""`indexer models`: the models that can be named, and fetching one before it is needed."""

from __future__ import annotations

from dataclasses import asdict

import click

from search.models import MODELS, TRANSFORMERS, has_transformers, install, licence, resolve

from ..console import Console
from ..options import Options, shared


@click.command("models")
@click.argument("action", type=click.Choice(["list", "pull"]), default="list")
@click.argument("name", required=False)
@shared
def command(options: Options, action: str, name: str | None) -> None:
    """The models that can be named with --model, with size, languages and licence.

    \b
    indexer models
    indexer models pull balanced     download it now instead of at its first use

    Besides these, --model takes openclip:MODEL/PRETRAINED (a pair that open_clip knows) and
    openclip:/path/to/folder. Weights other than `embedded` are downloaded at their first use, or
    beforehand by `indexer models pull NAME`.
    """
    console = options.console()
    if action == "list":
        _list(console)
    elif name is None:
        raise click.UsageError("say which model: indexer models pull NAME")
    else:
        _pull(console, options, name)


def _list(console: Console) -> None:
    for model in MODELS:
        languages = ",".join(model.languages)
        console.say(
            f"{model.name:<14}{model.megabytes:>6} MB  {languages:<7}"
            f"{model.licence:<34}{model.note}"
        )
    if needy := [model.name for model in MODELS if model.needs and not has_transformers()]:
        console.say(f"\n{', '.join(needy)} need transformers, which is not installed:")
        console.say(f"  {install(TRANSFORMERS)}")
    console.summary(models=[asdict(model) for model in MODELS])


def _pull(console: Console, options: Options, name: str) -> None:
    """Loading is fetching: the hub's client keeps what it has once loaded."""
    from search.bootstrap import open_encoder

    source = resolve(name)
    encoder = open_encoder(source.name, options.settings(device="cpu", precision="float32"))
    terms = licence(source)
    console.summary(
        f"{source.name} is on this machine ({encoder.info.dim} dimensions; licence: {terms}).",
        model=source.name,
        dim=encoder.info.dim,
        licence=terms,
    )
