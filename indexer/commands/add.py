"""`indexer add`: index pictures, as often as you like."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from search.formats import in_words
from search.jobs import FeedOptions, IngestOptions, IngestRequest

from ..console_reporter import ConsoleReporter
from ..feeds.reading import is_feed
from ..options import Options, absolute, caption_options, model_options, paths_type, shared
from ..outcome import tell
from ..runs import run


@click.command("add")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=paths_type)
@click.option("--collection", default="default", show_default=True, help="Where they belong.")
@click.option("--no-captions", is_flag=True, help="Leave captions for `indexer caption`.")
@click.option("--prune", is_flag=True, help="Also remove what is gone, as `sync` does.")
@click.option("--yes", is_flag=True, help="Remove even a large part of a folder.")
@click.option("--retry", is_flag=True, help="Try files again that could not be indexed before.")
@click.option("--include-removed", is_flag=True, help="Index again what `remove` took out.")
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="In a feed: price=cost. A field, or any attribute, by its column; may be repeated.",
)
@click.option("--encoding", help="How a feed's text is written, where that cannot be told.")
@click.option("--allow-outside", is_flag=True, help="A feed may name pictures outside its folder.")
@click.option("--wait", is_flag=True, help="Wait for another run to end.")
@model_options
@caption_options
@shared
def command(
    options: Options,
    paths: tuple[bytes, ...],
    collection: str,
    no_captions: bool,
    prune: bool,
    yes: bool,
    retry: bool,
    include_removed: bool,
    mapped: tuple[str, ...],
    encoding: str | None,
    allow_outside: bool,
    wait: bool,
) -> None:
    """Index pictures: files, folders with all that is below them, and the products of a shop.

    \b
    indexer add ~/Pictures
    indexer add ~/shop/photos --collection shop
    indexer add ~/shop/catalogue.csv --map price=cost  products with their pictures: docs/shop.md
    indexer add ~/Pictures/scans --include-removed     what `remove` took out there

    {formats}. Files are only ever opened for reading. Running
    it again costs a look at each file; what was moved or renamed keeps its place. Ctrl-C is safe at
    any time, and the next run goes on. Pictures can be found batch by batch while it runs.

    Ignored are files of other kinds by their name, hidden files and folders, and links: neither
    linked files nor linked folders are followed (-v names them). Name a link itself to follow it: a
    folder behind one is then a folder of its own, which `sync` visits and `status` lists.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise click.UsageError(f"{os.fsdecode(path)}: there is no such file or folder")
    console, settings = options.console(), options.settings()
    feeds = [path for path in paths if is_feed(path) and not os.path.isdir(path)]
    request = IngestRequest(
        tuple(absolute(path) for path in paths if path not in feeds),
        feeds=tuple(map(absolute, feeds)),
        feed_options=FeedOptions(_pairs(mapped), encoding, allow_outside),
        collection=collection,
        captions=not no_captions,
        options=IngestOptions(prune, yes, retry, include_removed),
        wait=wait,
    )
    with console.progress():
        report = run(settings, request, ConsoleReporter(console))
    raise SystemExit(tell(console, report))


def _pairs(mapped: Sequence[str]) -> dict[str, str]:
    """Field -> column. Raises UsageError for anything else."""
    pairs = {}
    for each in mapped:
        to, equals, column = each.partition("=")
        if not (to.strip() and equals and column.strip()):
            raise click.UsageError(f"--map {each}: write FIELD=COLUMN, such as price=cost")
        pairs[to.strip()] = column.strip()
    return pairs


command.help = (command.help or "").format(formats=in_words())
