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
from typing import TYPE_CHECKING

from .disk import FULL, refused
from .errors import AnotherRunError

if TYPE_CHECKING:  # who only reads takes no lock, and need not load what makes one
    from filelock import FileLock

WRITE_SECONDS = 30.0  # longest wait for somebody else's transaction
_held: set[Path] = set()  # libraries whose run this process is


def write_lock(library: Path) -> FileLock:
    """Held for each write transaction and checkpoint.

    SQLite up to 3.51.2 can damage a WAL database when two connections write and checkpoint at
    once (https://sqlite.org/wal.html, "the WAL-reset bug"), so writers queue up here.
    """
    from filelock import FileLock

    return FileLock(library / "write.lock", timeout=WRITE_SECONDS, thread_local=False)


@contextmanager
def run_lock(library: Path, command: str, *, wait: bool = False) -> Iterator[None]:
    """Held for the whole run by every command that writes.

    Raises AnotherRunError, which says who holds it, unless `wait`.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(library / "lock")
    holder = library / "lock.json"
    try:
        lock.acquire(timeout=-1 if wait else 0.2)
    except Timeout:
        who = _read(holder)
        raise AnotherRunError(
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


def server_beside(library: Path, catalogue: Path | None) -> int | None:
    """The process of a server that has this library open, by what it has left about itself.

    `catalogue` is the file that it then has open; None for a database on a server.
    """
    try:
        process = int(json.loads((library / "server.json").read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process if process != os.getpid() and _serves(process, library, catalogue) else None


def _serves(process: int, library: Path, catalogue: Path | None) -> bool:
    """After a kill -9 another process may have its number. True where nobody tells."""
    if not _is_there(process):
        return False
    try:
        files = [os.readlink(each) for each in Path(f"/proc/{process}/fd").iterdir()]
    except OSError:  # of another user, or there is no /proc
        return _is_called_server(process)
    if catalogue is None:
        return _is_called_server(process)
    ours = str(library.resolve()), str(catalogue.resolve())
    return any(file.startswith(ours) for file in files)


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _is_called_server(process: int) -> bool:
    """By its command, `indexer serve`."""
    try:
        return b"serve" in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return True


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
        record = json.loads(holder.read_text())
        return f"indexer {record['command']} (process {record['pid']} on {record['host']})"
    except (OSError, ValueError, KeyError):
        return "another indexer"
