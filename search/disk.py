"""What the disk refuses: the system's errors -> ours."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from .errors import DiskError, LibraryError, LibraryReadOnlyError, NoSpaceError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


def refused(where: object, error: OSError, *, writing: bool = True) -> LibraryError:
    """Our error for one of the system's; `where` names the library."""
    why = error.strerror or str(error)
    if error.errno in FULL:
        return no_space(where, why)
    if error.errno in FORBIDDEN and writing:
        return read_only(where, why)
    if error.errno in FORBIDDEN:
        return LibraryError(f"{where}: the library cannot be read ({why}).")
    return failing(where, why)


def no_space(where: object, why: str) -> NoSpaceError:
    return NoSpaceError(
        f"{where}: {why}. Free some space and run the command again; nothing is lost."
    )


def read_only(where: object, why: str) -> LibraryReadOnlyError:
    return LibraryReadOnlyError(f"{where}: the library is read-only here ({why}).")


def failing(where: object, why: str) -> DiskError:
    return DiskError(
        f"{where}: the disk failed ({why}). Try again; if that fails too, look at the disk. "
        "Nothing was changed."
    )


def probe(path: Path, *, writing: bool) -> OSError | None:
    """What the system says of a library's file now: databases keep that to themselves."""
    try:
        with open(path, "r+b" if writing else "rb") as file:
            file.read(1)
        if writing:
            _try_writing(path)
    except OSError as error:
        return error
    return None


def _try_writing(path: Path) -> None:
    """Beside it, as much as the index of a log takes, as far in as its files reach: a file may
    be refused for its length."""
    lengths = [each.stat().st_size for each in (path, log_of(path)) if each.exists()]
    trial = path.with_name(f"{path.name}.probe")
    try:
        with open(trial, "wb", buffering=0) as file:
            file.seek(max(lengths, default=0))
            file.write(bytes(1 << 16))
            os.fsync(file.fileno())
    finally:
        trial.unlink(missing_ok=True)


def log_of(path: Path) -> Path:
    """The write-ahead log of an SQLite file."""
    return path.with_name(f"{path.name}-wal")
