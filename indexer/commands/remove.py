"""`indexer remove`: take pictures out of the library; the files stay."""

from __future__ import annotations

import os

import click

from search.errors import NotFoundError
from search.locks import run_lock
from search.store import Store

from ..options import Options, absolute, paths_type, shared
from ..pictures import image_id

ASK_ABOVE = 100  # images


@click.command("remove")
@click.argument("targets", metavar="PATH|ID...", nargs=-1, required=True, type=paths_type)
@click.option("--yes", is_flag=True, help=f"Do not ask before removing more than {ASK_ABOVE}.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and leave it.")
@click.option("--wait", is_flag=True, help="Wait for another run to end.")
@shared
def command(
    options: Options, targets: tuple[bytes, ...], yes: bool, dry_run: bool, wait: bool
) -> None:
    """Take pictures out of the library, by path, folder or id. Files are never touched.

    What was removed stays out, also for later runs of `add`, until `add --include-removed`.
    """
    console = options.console()
    settings = options.settings()
    with (
        Store.open(settings, writable=True) as store,
        run_lock(settings.library, "remove", wait=wait),
    ):
        ids = sorted({id_ for target in targets for id_ in _images(store, target)})
        if dry_run:
            console.summary(f"{len(ids)} images would be removed", removed=0, found=len(ids))
            return
        if len(ids) > ASK_ABOVE and not yes:
            raise click.UsageError(f"this removes {len(ids)} images; say --yes if that is meant")
        removed = store.remove_images(ids, exclude=True)
    console.summary(f"{removed} images removed; their files are untouched", removed=removed)


def _images(store: Store, target: bytes) -> list[int]:
    number = image_id(target)
    if number is not None:
        if not store.images([number]):
            raise NotFoundError(f"there is no image {number}")
        return [number]
    found = store.images_at(absolute(target))
    if not found:
        raise NotFoundError(f"{os.fsdecode(target)}: nothing of that is in the library")
    return found
