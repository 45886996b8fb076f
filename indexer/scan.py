"""Which files are new or changed: one stat each, compared with what the store remembers."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from dataclasses import dataclass

from search.details import format_of
from search.errors import Reason
from search.jobs import Stage
from search.records import Failure, FileStamp, KnownFile, Root
from search.signatures import raw_format

from .report import Pace, Reporter
from .sources import FoundFile, Source

_RACY_NS = 2_000_000_000  # a file younger than this may change again without a new mtime
UNTRUSTED_NS = -1  # an mtime that no file has: the next run reads this one again
_PROGRESS_FILES = 5000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that is new or changed; `known` is what its path held before."""

    path: bytes  # relative to the root
    stamp: FileStamp
    known: KnownFile | None


@dataclass(frozen=True, slots=True)
class Scan:
    """A source, compared with the store."""

    source: Source
    started_ns: int
    found: int  # what was taken out by `remove` included
    left_out: int  # that
    unchanged: int
    fresh: list[Candidate]  # at paths that hold no picture yet
    changed: list[Candidate]  # at paths that do
    remembered: list[Failure]  # unchanged files that failed before
    failed: dict[bytes, Reason]  # all that failed before
    refused: list[Failure]  # new or changed ones whose name says that they cannot be read
    missing: dict[bytes, KnownFile]  # known, but not found
    stale: list[bytes]  # failures of files that are not there any more

    def counts(self) -> dict[str, int]:
        """What it adds to the report."""
        source = self.source
        failures = len(source.failures)
        return {
            "found": self.found - self.left_out + failures,
            "left_out": self.left_out,
            "unchanged": self.unchanged,
            "skipped": len(self.remembered) + len(self.refused) + failures,
            "ignored": source.ignored,
            "links": len(source.links),
        }

    @property
    def known(self) -> int:
        """Pictures that the store had under this root."""
        return self.unchanged + len(self.changed) + len(self.missing)

    def trusted(self, stamp: FileStamp) -> FileStamp:
        """As it may be stored: the next scan must not take a file for unchanged that was so young
        that a second change would not show."""
        young = stamp.mtime_ns >= self.started_ns - _RACY_NS
        return FileStamp(stamp.size, UNTRUSTED_NS) if young else stamp


def scan(
    source: Source,
    known: dict[bytes, KnownFile],
    failures: dict[bytes, Failure],
    reporter: Reporter,
    *,
    retry: bool = False,
    removed: Collection[bytes] = frozenset(),
) -> Scan:
    """Sort the files of a source by what the store remembers of them. Opens none of them.

    `known` and `failures` are used up: what is left of them was not found. `retry`: files that
    failed before are candidates again. `removed`: paths to leave out.
    """
    started_ns = time.time_ns()
    failed = {path: failure.reason for path, failure in failures.items()}
    others = _Others(source.root, failures, removed, retry)
    found = unchanged = 0
    pace = Pace(reporter, Stage.SCAN, None)
    for file in source.files():
        found += 1
        if not found % _PROGRESS_FILES:
            pace.add(_PROGRESS_FILES)
        before = known.pop(file.path, None)
        if before is not None and before.stamp == file[1:]:  # `_same`, in half the time
            unchanged += 1
        else:
            others.sort(file, before)
    pace.end(found)
    return Scan(
        source=source,
        started_ns=started_ns,
        found=found,
        left_out=others.left_out,
        unchanged=unchanged,
        fresh=others.fresh,
        changed=others.changed,
        remembered=others.remembered,
        failed=failed,
        refused=others.refused,
        missing=known,
        stale=[path for path in failures if source.covers(path)],
    )


class _Others:
    """Files that are not as they were indexed, by what they are."""

    def __init__(
        self, root: Root, failures: dict[bytes, Failure], removed: Collection[bytes], retry: bool
    ) -> None:
        self.fresh: list[Candidate] = []
        self.changed: list[Candidate] = []
        self.remembered: list[Failure] = []
        self.refused: list[Failure] = []
        self.left_out = 0
        self._root = root
        self._failures = failures
        self._removed = removed
        self._retry = retry

    def sort(self, file: FoundFile, before: KnownFile | None) -> None:
        if file.path in self._removed:
            self.left_out += 1
            return
        failure = self._failures.pop(file.path, None)
        raw = raw_format(os.fsdecode(file.path))
        if failure and _stands(failure, file, raw) and not self._retry:
            self.remembered.append(failure)
            return
        stamp = FileStamp(file.size, file.mtime_ns)
        if raw:
            path = os.path.join(self._root.path, file.path)
            self.refused.append(_unsupported(path, raw, stamp))
            return
        candidate = Candidate(file.path, stamp, before)
        (self.fresh if before is None else self.changed).append(candidate)


def _stands(failure: Failure, file: FoundFile, raw: str | None) -> bool:
    """Whether it need not be tried again. Older versions opened raw files and blamed the file."""
    unchanged = failure.stamp is not None and _same(failure.stamp, file)
    return unchanged and (raw is None or failure.reason is Reason.UNSUPPORTED_FORMAT)


def _unsupported(path: bytes, format_: str, stamp: FileStamp) -> Failure:
    return Failure(path, Reason.UNSUPPORTED_FORMAT, format_of(format_), stamp=stamp)


def _same(stamp: FileStamp, file: FoundFile) -> bool:
    return stamp.mtime_ns == file.mtime_ns and stamp.size == file.size
