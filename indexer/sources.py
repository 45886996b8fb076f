"""Where pictures come from: a folder, or single files that were named.

A source says what is there at the cost of one stat per file and folder; it opens nothing but files
without an extension (their first bytes tell). Paths are bytes: names need not be text.

`add some/photo.jpg` makes its folder a root that is not `whole`: `sync` looks after the files that
were named there and leaves their neighbours alone. `add some` later makes the same root whole.
Inside a whole root, a named file or folder is a part of that root, unless a link to a folder leads
there: what lies behind one is a root of its own, so that it can be missing by itself.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from search.details import FOLDER
from search.errors import NotFoundError, PomonaError, Reason
from search.records import Failure, Root
from search.signatures import EXTENSIONS, detect
from search.store import Store

from .filesystems import FileSystems
from .libraries import is_own_file, is_thumbnails
from .links import are_apart, folders_above, is_behind_link

# Folders of other programs: previews, waste and snapshots, never somebody's pictures.
_JUNK = frozenset(
    (
        b"@eaDir",
        b"#recycle",
        b"#snapshot",
        b"$RECYCLE.BIN",
        b"System Volume Information",
        b"__MACOSX",
        b"lost+found",
        b"node_modules",
    )
)
_HEAD = 1024  # bytes that tell what a file without an extension is


class FoundFile(NamedTuple):
    """A file that may be a picture."""

    path: bytes  # relative to the root
    size: int  # bytes
    mtime_ns: int


class Source(Protocol):
    """Files of one root. What is said of them is complete once `files` is exhausted."""

    root: Root
    named: bool  # the files were named themselves: links are followed, any extension will do
    ignored: int  # files that are no pictures by their extension, and links
    links: list[bytes]  # those links, absolute: whatever is behind them was not looked at
    failures: list[Failure]  # files and folders that could not be read
    file_systems: dict[bytes, str]  # folder relative to the root -> id of what begins there

    def files(self) -> Iterator[FoundFile]: ...

    def asked_for(self, path: bytes) -> bool:
        """Whether a file at `path`, relative to the root, was to be looked for."""

    def covers(self, path: bytes) -> bool:
        """The same, but for what could not be read: whether it would have been found."""

    def is_thumbnail(self, path: bytes) -> bool:
        """Whether `path`, relative to the root, lies among the thumbnails of a library."""


class FolderSource:
    """All pictures below a root, or below one folder of it. Follows no links, so no loops."""

    named = False

    def __init__(
        self,
        root: Root,
        part: bytes = b"",
        thumbnails: Path | None = None,
        others: Container[bytes] = (),
    ) -> None:
        """`part`: a folder relative to the root, to look at nothing else. `thumbnails`: those of
        the library itself, which are known by more than their name. `others`: files and folders,
        absolute, that have a source of their own."""
        self.root = root
        self.part = part
        self._own = thumbnails
        self._others = others
        self._clear()

    def files(self) -> Iterator[FoundFile]:
        self._clear()
        self._thumbnails_id = _identity(self._own)
        folders: list[tuple[bytes, int | None]] = [(self.part, None)]
        while folders:
            yield from self._in(*folders.pop(), folders)

    def asked_for(self, path: bytes) -> bool:
        if self.part and not path.startswith(self.part + b"/"):
            return False
        return not is_behind_link(self.root.path, os.path.join(self.root.path, path))

    def covers(self, path: bytes) -> bool:
        return self.asked_for(path) and not _below_any(path, self._passed)

    def finds(self, path: bytes) -> bool:
        """Whether a picture at `path`, relative to the root, comes with its folder."""
        whole = os.path.join(self.root.path, path)
        *folders, name = path[len(self.part) :].lstrip(b"/").split(b"/")
        if any(map(_is_junk, folders)) or name.startswith(b".") or os.path.islink(whole):
            return False
        apart = any(each in self._others for each in (whole, *self._between(path)))
        extension = name.rpartition(b".")[2].lower()
        return not apart and extension in EXTENSIONS and self.asked_for(path)

    def _between(self, path: bytes) -> Iterator[bytes]:
        """The folders, absolute, from what is looked at down to `path`."""
        top = os.path.normpath(os.path.join(self.root.path, self.part))
        above = os.path.dirname(os.path.join(self.root.path, path))
        while len(above) > len(top):
            yield above
            above = os.path.dirname(above)

    def is_thumbnail(self, path: bytes) -> bool:
        return _below_any(path, self._thumbnails)

    def _clear(self) -> None:
        self.ignored = 0
        self.links: list[bytes] = []
        self.failures: list[Failure] = []
        self.file_systems: dict[bytes, str] = {}
        self._ids = FileSystems()
        self._passed: list[bytes] = []  # files and folders that were not looked at
        self._thumbnails: list[bytes] = []

    def _in(
        self, folder: bytes, above: int | None, folders: list[tuple[bytes, int | None]]
    ) -> Iterator[FoundFile]:
        """The pictures in one folder; those inside it join `folders`. `above`: its st_dev."""
        path = os.path.join(self.root.path, folder)
        prefix = folder + b"/" if folder else b""
        try:
            about = os.stat(path)
            if self._passes_by(path, about):
                self._thumbnails.append(folder)
                return
            if about.st_dev != above:
                self.file_systems[folder] = self._ids.id_of(path, about.st_dev)
            with os.scandir(path) as entries:
                for entry in entries:
                    name = entry.name
                    try:
                        if entry.path in self._others:
                            self._passed.append(prefix + name)
                        elif entry.is_dir(follow_symlinks=False):
                            if not _is_junk(name):
                                folders.append((prefix + name, about.st_dev))
                        elif _may_be_picture(name, entry):
                            file = entry.stat(follow_symlinks=False)
                            yield FoundFile(prefix + name, file.st_size, file.st_mtime_ns)
                        elif not is_own_file(entry.path, self._own and self._own.parent):
                            self._ignore(entry)
                    except FileNotFoundError:  # gone again: not found
                        continue
                    except OSError as error:
                        self._failed(prefix + name, error)
        except OSError as error:
            self._failed(folder, error, FOLDER)

    def _passes_by(self, path: bytes, about: os.stat_result) -> bool:
        """By its name, and the library's own by what it is, whatever path led there."""
        return (about.st_dev, about.st_ino) == self._thumbnails_id or is_thumbnails(path)

    def _ignore(self, entry: os.DirEntry[bytes]) -> None:
        self.ignored += 1
        if entry.is_symlink():
            self.links.append(entry.path)

    def _failed(self, path: bytes, error: OSError, detail: str = "") -> None:
        """Neither it nor anything below may be taken for removed: it was not looked at."""
        self._passed.append(path)
        self.failures.append(_failure(os.path.join(self.root.path, path), error, detail))


class FileSource:
    """Files of one root that were named, one by one."""

    named = True

    def __init__(self, root: Root, paths: Sequence[bytes]) -> None:
        """`paths` relative to the root."""
        self.root = root
        self.ignored = 0
        self.links: list[bytes] = []
        self.failures: list[Failure] = []
        self.file_systems: dict[bytes, str] = {}
        self._named = frozenset(paths)
        self._paths = dict.fromkeys(paths)

    def joined(self, other: FileSource) -> FileSource:
        """The files of both, which are of one root."""
        return FileSource(self.root, sorted(self._named | other._named))

    def without(self, folders: Sequence[FolderSource]) -> FileSource | None:
        """The files that none of the folders brings; None where there are no others."""
        mine = [folder for folder in folders if folder.root.id == self.root.id]
        left = [path for path in self._paths if not any(each.finds(path) for each in mine)]
        return FileSource(self.root, left) if left else None

    def files(self) -> Iterator[FoundFile]:
        self.failures = []
        with suppress(OSError):
            self.file_systems = {b"": FileSystems().at(self.root.path)}
        for path in list(self._paths):
            absolute = os.path.join(self.root.path, path)
            try:
                about = os.stat(absolute)
            except OSError as error:
                if is_gone(absolute) and not is_behind_link(self.root.path, absolute):
                    continue  # a link that leads nowhere may lead to a disk that is away
                self.failures.append(_failure(absolute, error))
                del self._paths[path]
                continue
            if not stat.S_ISDIR(about.st_mode):
                yield FoundFile(path, about.st_size, about.st_mtime_ns)

    def asked_for(self, path: bytes) -> bool:
        return path in self._named

    def covers(self, path: bytes) -> bool:
        return path in self._paths

    def is_thumbnail(self, path: bytes) -> bool:
        return False


def sources_for(store: Store, collection: str, paths: Sequence[bytes]) -> list[Source]:
    """A source for each file or folder, in roots that are made where there are none.

    Files of one folder come together. Raises PomonaError for a path that does not exist.
    """
    given = dict.fromkeys(map(_absolute, paths))
    alone = [path for path in given if not _is_reached(path, given)]
    folders: list[tuple[Root, bytes]] = []
    files: dict[bytes, list[bytes]] = {}
    for path in alone:
        about = _stat(path)
        if stat.S_ISDIR(about.st_mode):
            root = _ensure_root(store, collection, path, about.st_dev)
            folders.append((root, _relative(path, root)))
        else:
            files.setdefault(os.path.dirname(path), []).append(path)
    named: list[Source] = []
    for folder, members in files.items():
        root = _ensure_root(store, collection, folder, os.stat(folder).st_dev, whole=False)
        named.append(FileSource(root, [_relative(path, root) for path in members]))
    return [*(_folder_source(store, root, part, alone) for root, part in folders), *named]


def sources_of(store: Store, collection: str | None = None) -> list[Source]:
    """What `sync` visits: every whole root, and the files that were named in the others."""
    return [source_of(store, root) for root in store.roots.all(collection)]


def source_of(store: Store, root: Root) -> Source:
    """All that was ever added under this root."""
    if root.whole:
        return _folder_source(store, root)
    return FileSource(root, [*store.files.known(root), *store.failures.known(root)])


def sources_within(store: Store, paths: Sequence[bytes]) -> list[Source]:
    """Folders that were added, or folders inside one. Raises NotFoundError for any other."""
    known = store.roots.all()
    found: list[Source] = []
    for path in map(_absolute, paths):
        exact = [root for root in known if root.path == path]
        above = [root for root in known if path.startswith(root.path.rstrip(b"/") + b"/")]
        if not exact and not above:
            raise NotFoundError(f"{os.fsdecode(path)} was never added: run `indexer add` on it")
        found += [source_of(store, root) for root in exact]
        elsewhere = {root.collection for root in above} - {root.collection for root in exact}
        for collection in sorted(elsewhere):  # a folder may be in several
            found += sources_for(store, collection, [path])
    return found


def _is_reached(path: bytes, given: Container[bytes]) -> bool:
    """Whether a folder above it was given too, and is scanned down to it."""
    above = (folder for folder in folders_above(path) if folder in given)
    return any(not is_behind_link(folder, path) for folder in above)


def _folder_source(
    store: Store, root: Root, part: bytes = b"", others: Sequence[bytes] = ()
) -> FolderSource:
    """`others`: what has a source besides the whole roots."""
    roots = {r.path for r in store.roots.all(root.collection) if r.whole}
    return FolderSource(root, part, store.thumbnails.folder, roots.union(others))


def _ensure_root(
    store: Store, collection: str, path: bytes, device: int, *, whole: bool = True
) -> Root:
    apart = {root.path for root in store.roots.all(collection) if are_apart(root.path, path)}
    return store.roots.ensure(collection, path, device, whole=whole, apart=apart)


def _stat(path: bytes) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise PomonaError(f"{os.fsdecode(path)}: {error.strerror}. Check the path.") from None


def _identity(folder: Path | None) -> tuple[int, int] | None:
    """Device and inode: the same by whatever path."""
    try:
        about = os.stat(folder) if folder else None
    except OSError:
        return None
    return about and (about.st_dev, about.st_ino)


def _below_any(path: bytes, folders: Sequence[bytes]) -> bool:
    """Whether `path` is one of `folders` or lies in one; b"" holds everything."""
    return any(not f or path == f or path.startswith(f + b"/") for f in folders)


def is_gone(path: bytes) -> bool:
    """Whether there certainly is no such file; a folder that may not be read leaves doubt."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _failure(path: bytes, error: OSError, detail: str = "") -> Failure:
    reason = Reason.IO_ERROR
    if isinstance(error, PermissionError):
        reason = Reason.PERMISSION
    elif isinstance(error, FileNotFoundError | NotADirectoryError):
        reason = Reason.VANISHED
    return Failure(path, reason, detail)


def _absolute(path: bytes) -> bytes:
    """As given, not resolved through links."""
    return os.path.normpath(os.path.join(os.getcwdb(), path))


def _relative(path: bytes, root: Root) -> bytes:
    return b"" if path == root.path else os.path.relpath(path, root.path)


def _is_junk(name: bytes) -> bool:
    return name.startswith(b".") or name in _JUNK


def _may_be_picture(name: bytes, entry: os.DirEntry[bytes]) -> bool:
    """By its name; files without an extension by their first bytes."""
    _, dot, extension = name.rpartition(b".")
    if name.startswith(b".") or not entry.is_file(follow_symlinks=False):
        return False
    return extension.lower() in EXTENSIONS if dot else _looks_like_picture(entry.path)


def _looks_like_picture(path: bytes) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            return detect(file.read(_HEAD)) is not None
    except OSError:
        return False
