"""Which files the cells of a row name: paths, patterns and lists, beside their feed.

Whoever wrote the feed need not be who imports it: what lies outside of the feed's folder is only
taken where a person says so.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from search.formats import FORMATS

MOST = 100  # pictures of one product
LIST = ".txt"  # a file that names pictures, one a line
_SEPARATORS = re.compile(r"[|;,\n]+")
_REMOTE = re.compile(r"(https?|ftp|data|s3):", re.IGNORECASE)
_EXTENSIONS = {extension for each in FORMATS for extension in each.extensions}


class _BadNameError(Exception):
    """A name of no picture that may be read; in words."""

    def __init__(self, why: str, missing: str | None = None) -> None:
        """`missing`: the pattern of what may only be away for a while."""
        super().__init__(why)
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Named:
    """What a row's cells name: absolute paths, each once, and what is wrong with the others."""

    paths: tuple[bytes, ...]
    problems: tuple[str, ...] = ()
    missing: tuple[bytes, ...] = ()  # absolute patterns of files that are named and not there


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the pictures of a feed lie."""

    path: str  # absolute, as given
    allow_outside: bool = False
    _listings: dict[str, list[str]] = field(default_factory=dict)  # folder -> names, sorted

    def named(self, cells: Sequence[str]) -> Named:
        paths: dict[bytes, None] = {}
        problems: list[str] = []
        missing: list[bytes] = []
        for name in (name for cell in cells for name in self._names(cell)):
            try:
                paths |= dict.fromkeys(self._found(name, self.path))
            except _BadNameError as bad:
                problems.append(str(bad))
                away = "*" if name.endswith(LIST) else bad.missing  # a list may name anything
                missing += [os.fsencode(away)] if away else []
        if len(paths) > MOST:
            problems.append(f"it has {len(paths)} pictures; the first {MOST} are taken")
        return Named(tuple(paths)[:MOST], tuple(problems), tuple(missing))

    def _names(self, cell: str) -> list[str]:
        """One if there is such a file, or if it is an address; else there may be several."""
        if _REMOTE.match(cell) and not _SEPARATORS.search(cell.replace("data:", "")):
            return [cell]
        whole = os.path.join(self.path, cell)
        if "\0" not in cell and len(cell) < 1000 and os.path.lexists(whole):
            return [cell]
        return [name for part in _SEPARATORS.split(cell) if (name := part.strip())]

    def _found(self, name: str, base: str) -> Iterator[bytes]:
        path = self._path(name, base)
        if os.path.isdir(path):
            raise _BadNameError(f"{name!r} is a folder: write {name.rstrip('/')}/*")
        if os.path.exists(path):
            yield from self._listed(path) if path.endswith(LIST) else [os.fsencode(path)]
            return
        if not glob.has_magic(name):
            raise _BadNameError(f"there is no file {_short(name)}", glob.escape(path))
        above = next((f for f in (base, self.path) if path.startswith(f.rstrip("/") + "/")), "")
        pattern = glob.escape(above) + path[len(above) :]
        matching = [p for p in self._matching(path, path[len(above) :], pattern) if _is_picture(p)]
        if not matching:
            raise _BadNameError(f"no picture matches {_short(name)}", pattern)
        yield from map(os.fsencode, matching)

    def _matching(self, path: str, below: str, pattern: str) -> list[str]:
        """Sorted. `below`: what of `path` may be a pattern; a folder is listed once a feed."""
        folder, wanted = os.path.split(path)
        if glob.has_magic(os.path.dirname(below)):
            return sorted(glob.glob(pattern))
        if folder not in self._listings:
            try:
                self._listings[folder] = sorted(os.listdir(folder))
            except OSError:
                self._listings[folder] = []
        found = fnmatch.filter(self._listings[folder], wanted)
        hidden = wanted.startswith(".")
        return [os.path.join(folder, name) for name in found if hidden or name[0] != "."]

    def _path(self, name: str, base: str) -> str:
        if _REMOTE.match(name):
            raise _BadNameError(
                f"{_short(name)} is an address, and nothing is fetched: put the picture beside "
                "the feed and name its file, in a column of its own with --map image=COLUMN"
            )
        name = re.sub(r"^file://(localhost)?", "", name, flags=re.IGNORECASE).replace("\\", "/")
        if "\0" in name or len(name) > 1000:
            raise _BadNameError(f"{_short(name)} is no name of a file")
        path = os.path.normpath(os.path.join(base, name))
        if not self.allow_outside and not path.startswith(self.path.rstrip("/") + "/"):
            raise _BadNameError(
                f"{_short(name)} lies outside of the feed's folder: --allow-outside takes it in"
            )
        return path

    def _listed(self, path: str) -> Iterator[bytes]:
        """Of a file with a name a line, relative to that file."""
        try:
            lines = Path(path).read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeError):
            raise _BadNameError(f"the list {_short(path)} cannot be read as UTF-8") from None
        for line in lines:
            name = line.strip()
            if name.endswith(LIST):
                raise _BadNameError(f"the list {_short(path)} names another list")
            if name and not name.startswith("#"):
                yield from self._found(name, os.path.dirname(path))


def _is_picture(path: str) -> bool:
    return os.path.splitext(path)[1][1:].lower() in _EXTENSIONS and os.path.isfile(path)


def _short(name: str) -> str:
    return repr(name if len(name) <= 80 else name[:80] + "…")
