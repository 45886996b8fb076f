"""Who may write: one run at a time, and one transaction at a time.

The operating system drops both locks when their holder dies, kill -9 included.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from .disk import FULL, refused
from .errors import LibraryLockedError

WRITE_SECONDS = 30.0  # longest wait for somebody else's transaction
_held: set[Path] = set()  # libraries whose run this process is


def write_lock(library: Path) -> FileLock:
    """Held for each write transaction and checkpoint.

    SQLite up to 3.51.2 can damage a WAL database when two connections write and checkpoint at
    once (https://sqlite.org/wal.html, "the WAL-reset bug"), so writers queue up here.
    """
    return FileLock(library / "write.lock", timeout=WRITE_SECONDS, thread_local=False)


@contextmanager
def run_lock(library: Path, command: str, *, wait: bool = False) -> Iterator[None]:
    """Held for the whole run by every command that writes.

    Raises LibraryLockedError, which says who holds it, unless `wait`.
    """
    lock = FileLock(library / "lock")
    holder = library / "lock.json"
    try:
        lock.acquire(timeout=-1 if wait else 0.2)
    except Timeout:
        who = _read(holder)
        raise LibraryLockedError(
            f"{library} is in use: {who}. Try again later, or add --wait.", holder=who
        ) from None
    except OSError as error:
        raise refused(library, error) from error
    try:
        _held.add(library)
        _sign(holder, command)
        yield
    finally:
        _held.discard(library)
        with suppress(OSError):
            holder.unlink()
        lock.release()


def holds_run(library: Path) -> bool:
    """Whether this process is the run that writes."""
    return library in _held


def server_beside(library: Path) -> int | None:
    """The process of a server that has this library open, by what it has left about itself."""
    try:
        process = int(json.loads((library / "server.json").read_text())["pid"])
        os.kill(process, 0)  # raises OSError where there is no such process
    except PermissionError:
        return None  # the file or the process is another user's: nobody to end it
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process if process != os.getpid() and _has_open(process, library) else None


def _has_open(process: int, library: Path) -> bool:
    """After a kill -9 another process may have its number. True where nobody tells."""
    try:
        files = [os.readlink(each) for each in Path(f"/proc/{process}/fd").iterdir()]
    except OSError:
        return True
    return any(file.startswith(str(library.resolve())) for file in files)


def _sign(holder: Path, command: str) -> None:
    """On a full disk nobody signs: a run that finds nothing new needs no space."""
    try:
        holder.write_text(
            json.dumps({"command": command, "pid": os.getpid(), "host": socket.gethostname()})
        )
    except OSError as error:
        if error.errno not in FULL:
            raise refused(holder.parent, error) from error


def _read(holder: Path) -> str:
    try:
        told = json.loads(holder.read_text())
        return f"indexer {told['command']} (process {told['pid']} on {told['host']})"
    except (OSError, ValueError, KeyError):
        return "another indexer"
