"""`indexer status`: what the library holds, from which folders, and where it runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from search.cuda import expected_device
from search.records import Device, LibraryStats, RootStats
from search.shapes.library import root_json, stats_json
from search.store import Store
from search.words import counted, size

from ..console import Console, printable
from ..options import Options, shared


@click.command("status")
@shared
def command(options: Options) -> None:
    """What the library holds: images, captions, skipped files, the model and its device,
    collections, and the folders that were added.

    \b
    indexer status
    indexer status --json | jq .roots     the folders that `indexer sync` visits
    """
    console = options.console()
    settings = options.settings()
    with Store.open(settings) as store:
        stats, roots, server = store.stats(), store.roots.stats(), store.server()
    device = expected_device(settings.device)
    on_disk = sum(sizes(settings.library))
    console.summary(
        library=str(settings.library),
        **stats_json(stats, device=device.name),
        roots=[root_json(root) for root in roots],
        disk_bytes=on_disk,
        database=server,
    )
    if not console.json:
        console.say(f"library      {settings.library} ({size(on_disk)})")
        if server:
            console.say(f"database     {server}")
        _say(console, stats, device)
        _say_roots(console, roots)


def _say(console: Console, stats: LibraryStats, device: Device) -> None:
    console.say(f"images       {stats.images:,} at {counted(stats.locations, 'place')}")
    writer = f", by {stats.captioner}" if stats.captioner else ""
    console.say(f"captions     {stats.captions:,}{writer}")
    why = console.advised(" (see `indexer skipped`)") if stats.skipped else ""
    console.say(f"skipped      {stats.skipped:,}{why}")
    console.say(f"model        {stats.model or 'none yet'}")
    console.say(f"device       {device.name} ({device.reason})")
    for name, count in stats.collections.items():
        console.say(f"collection   {name}: {counted(count, 'image')}")
    console.say(f"revision     {stats.revision}")


def _say_roots(console: Console, roots: list[RootStats]) -> None:
    for root in roots:
        files = counted(root.files, "file" if root.whole else "named file")
        about = f"{files} in {root.collection}, {_when('scanned', root.last_run)}"
        console.say(f"folder       {printable(root.path)}: {about}")
    ran = max((root.last_run for root in roots if root.last_run), default=None)
    console.say(f"last run     {_when('', ran)}")


def _when(what: str, at: datetime | None) -> str:
    """In the time zone of the reader."""
    return "never" if at is None else f"{what} {at.astimezone():%Y-%m-%d %H:%M}".strip()


def sizes(library: Path) -> Iterator[int]:
    """Bytes of the catalogue and of each thumbnail; photos may lie in the same folder. What goes
    while it is counted, or may not be read, costs no other."""
    for file in library.glob("catalog.db*"):
        with suppress(OSError):
            yield file.stat().st_size
    yield from _below(os.fspath(library / "thumbs"))


def _below(folder: str) -> Iterator[int]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    yield from _below(entry.path)
                else:
                    yield entry.stat(follow_symlinks=False).st_size
