"""`indexer sync`: bring the library in step with its folders, removals included."""

from __future__ import annotations

import os

import click

from search.errors import NotFoundError
from search.serialization import path_json
from search.store import Store

from ..console import Console, printable, typed
from ..ingest import IngestOptions
from ..options import Options, absolute, caption_options, model_options, paths_type, shared
from ..outcome import REFUSED, tell
from ..runs import run
from ..sources import Source, source_of, sources_for, sources_of


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
    with Store.for_run(settings, "sync", wait=wait) as store:
        sources, missing = _named(store, roots) if roots else _all(options, store)
        report = run(
            console,
            settings,
            store,
            sources,
            captions=not no_captions,
            options=IngestOptions(prune=True, yes=yes, retry=retry),
        )
    raise SystemExit(tell(console, report) or (REFUSED if missing else 0))


def _all(options: Options, store: Store) -> tuple[list[Source], int]:
    """Every root that is there; how many are not and have pictures, which they keep."""
    found, missing = [], 0
    for source in sources_of(store):
        if os.path.isdir(source.root.path):
            found.append(source)
            continue
        if store.files.known(source.root):
            missing += 1
            _say_missing(options.console(), source.root.path)
        else:
            _note_missing(options.console(), source.root.path)
    return found, missing


def _say_missing(console: Console, root: bytes) -> None:
    why = "the folder is not there; its pictures stay in the library"
    console.line("error", code="root_missing", **path_json(root), detail=why)
    console.warn(f"{printable(root)}: {why}. `indexer remove {typed(root)}` forgets it.")


def _note_missing(console: Console, root: bytes) -> None:
    """Of a folder without a picture in the library: nothing is at stake."""
    why = "the folder is not there, and no picture of it is in the library"
    console.note(f"{printable(root)}: {why}. `indexer remove {typed(root)}` forgets it.")


def _named(store: Store, paths: tuple[bytes, ...]) -> tuple[list[Source], int]:
    """Roots, or folders inside one."""
    known = store.roots.all()
    found: list[Source] = []
    for path in map(absolute, paths):
        exact = [root for root in known if root.path == path]
        above = [root for root in known if path.startswith(root.path.rstrip(b"/") + b"/")]
        if not exact and not above:
            raise NotFoundError(f"{os.fsdecode(path)} was never added: run `indexer add` on it")
        found += [source_of(store, root) for root in exact]
        elsewhere = {root.collection for root in above} - {root.collection for root in exact}
        for collection in sorted(elsewhere):  # a folder may be in several
            found += sources_for(store, collection, [path])
    return found, 0
