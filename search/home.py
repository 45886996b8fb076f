"""Which folder is the library where none is named, and the commands that reach it from any shell.

Messages name commands in backquotes (`indexer sync`); whoever prints one knows the library and
passes it through `advised`.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

ELSEWHERE = ("models",)  # commands that are about no library

_ADVISED = re.compile(r"`indexer ([a-z]+[^`]*)`")


def chosen(library: Path | None = None) -> Path:
    """`library` as given by the flag, else POMONA_LIBRARY, else the platform's user data folder."""
    return Path(library or os.environ.get("POMONA_LIBRARY") or _default()).expanduser().absolute()


def command(arguments: str, library: Path) -> str:
    """`indexer ARGUMENTS` as one types it for this library, quoted for a shell.

    The library is named unless it is the one that every shell finds by itself.
    """
    plain = library == _default() == chosen() or arguments.split()[0] in ELSEWHERE
    return f"indexer {arguments}" + ("" if plain else f" --library {shlex.quote(str(library))}")


def advised(message: str, library: Path) -> str:
    """`message`, its commands written for this library."""
    return _ADVISED.sub(lambda found: f"`{command(found[1], library)}`", message)


def _default() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("pomona")).expanduser().absolute()
