"""One run at a time: by a file beside the catalogue's, or by the server that holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import locks
from ..disk import refused
from ..settings import Settings
from . import postgres
from .address import file_of, server_of

Check = Callable[[], None]  # raises LibraryLockedError where the lock was lost to another run
_held: set[Path] = set()  # libraries on servers whose run this process is


@contextmanager
def run_alone(settings: Settings, command: str, *, wait: bool = False) -> Iterator[Check]:
    """Held for the whole run by every command that writes; gives what checks that it still is.

    Raises AnotherRunError, which says who holds it, unless `wait`.
    """
    if file_of(settings) is None:
        with _on_server(settings, command, wait=wait) as check:
            yield check
    else:
        with locks.run_lock(settings.library, command, wait=wait):
            yield _file_locks_last


def holds_run(settings: Settings) -> bool:
    """Whether this process is the run that writes."""
    return settings.library in _held or locks.holds_run(settings.library)


@contextmanager
def _on_server(settings: Settings, command: str, *, wait: bool) -> Iterator[Check]:
    lock = postgres.RunLock(server_of(settings), str(settings.library), command)
    try:
        lock.acquire(wait=wait)
        _mark(settings)
        _held.add(settings.library)
        yield lock.check
    finally:
        _held.discard(settings.library)
        lock.release()


def _mark(settings: Settings) -> None:
    """The folder of the thumbnails is known for a library by this file."""
    try:
        settings.library.mkdir(parents=True, exist_ok=True)
        (settings.library / "lock").touch()
    except OSError as error:
        raise refused(settings.library, error) from error


def _file_locks_last() -> None: ...
