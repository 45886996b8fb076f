"""`indexer remove`: take pictures out of the library; the files stay."""

from __future__ import annotations

import os

import click

from search.errors import NotFoundError, PomonaError
from search.records import Removal
from search.shapes.values import path_json, path_text
from search.store import Store
from search.words import counted

from ..console import Console, printable, typed
from ..options import Options, absolute, paths_type, shared
from ..query_picture import image_id

MOST = 100  # images or places that go without --yes


class TooManyError(PomonaError):
    exit_code = 2


@click.command("remove")
@click.argument("targets", metavar="PATH|ID...", nargs=-1, required=True, type=paths_type)
@click.option("--yes", is_flag=True, help=f"Take out more than {MOST}; else that is refused.")
@click.option("--dry-run", is_flag=True, help="Only say what would go; with -v each by its name.")
@click.option("--wait", is_flag=True, help="Wait for another run to end.")
@shared
def command(
    options: Options, targets: tuple[bytes, ...], yes: bool, dry_run: bool, wait: bool
) -> None:
    """Take pictures out of the library, by path, folder or id. Files are never touched.

    \b
    indexer remove ~/Pictures/scans           the pictures below a folder
    indexer remove photo.jpg 42               one file, and an image by its id
    indexer remove --dry-run -v ~/Pictures    only say what would go

    A path takes out what lies there and nothing else: a picture that is in another folder too is
    still found, there. A folder that was given to `add` is forgotten, whether it still exists or
    not. An id takes an image out with all its places.

    What was removed stays out: these paths, and for an id its content, wherever it lies. `indexer
    add --include-removed PATH` takes it in again.
    """
    console = options.console()
    settings = options.settings()
    with Store.open(settings) if dry_run else Store.for_run(settings, "remove", wait=wait) as store:
        ids, paths = _wanted(store, targets)
        removal = store.removals.preview(paths, ids)
        if not dry_run:
            _check_size(removal, yes)
            store.removals.remove(paths, ids)
    _tell(console, removal, dry_run)


def _wanted(store: Store, targets: tuple[bytes, ...]) -> tuple[list[int], list[bytes]]:
    """Image ids, and absolute paths; NotFoundError for a target that the library does not know."""
    ids: list[int] = []
    paths: list[bytes] = []
    for target in targets:
        number = image_id(target)
        if number is None:
            paths.append(_known_path(store, target))
        elif store.images.get([number]):
            ids.append(number)
        else:
            raise NotFoundError(f"there is no image {number}")
    return ids, paths


def _known_path(store: Store, target: bytes) -> bytes:
    path = absolute(target)
    if store.removals.preview([path]):
        return path
    if named := _as_it_was_added(store, path):
        raise NotFoundError(
            f"{printable(target)}: it is in the library as {printable(named)}: "
            f"`indexer remove {typed(named)}`"
        )
    raise NotFoundError(f"{printable(target)}: nothing of that is in the library")


def _as_it_was_added(store: Store, path: bytes) -> bytes | None:
    """The same file or folder, by the path that the library knows: one of them may have a link."""
    real = os.path.realpath(path)
    for root in store.roots.all():
        base = os.path.realpath(root.path)
        if real == base or real.startswith(os.path.join(base, b"")):
            known = os.path.normpath(os.path.join(root.path, os.path.relpath(real, base)))
            if store.removals.preview([known]):
                return known
    return None


def _check_size(removal: Removal, yes: bool) -> None:
    """A wrong folder is easily named."""
    if yes or max(len(removal.images), len(removal.places)) <= MOST:
        return
    raise TooManyError(
        f"this would take out {_amount(removal)}. More than {MOST} go only with --yes; "
        "`indexer remove --dry-run -v` names them."
    )


def _tell(console: Console, removal: Removal, dry_run: bool) -> None:
    for place in removal.places:
        console.line("file", **path_json(place))
        console.detail(printable(place))
    images = len(removal.images)
    console.summary(
        _in_words(removal, dry_run),
        removed=0 if dry_run else images,
        found=images,
        places=len(removal.places),
        kept=removal.kept,
        roots=[path_text(root) for root in removal.roots],
    )


def _in_words(removal: Removal, dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    lines = [f"{_amount(removal)} {would}removed."]
    if removal.kept:
        stays = "stays" if removal.kept == 1 else "stay"
        lines.append(f"{counted(removal.kept, 'image')} {stays}, found at other places too.")
    if removal.skipped:
        lines.append(f"{counted(removal.skipped, 'skipped file')} {would}forgotten.")
    lines += [f"Folder {would}forgotten: {printable(root)}" for root in removal.roots]
    if not dry_run:
        lines.append(
            "The files are untouched; `indexer add --include-removed PATH` takes them in again."
        )
    return "\n".join(lines)


def _amount(removal: Removal) -> str:
    return f"{counted(len(removal.places), 'place')} and {counted(len(removal.images), 'image')}"
