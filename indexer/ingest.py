"""The ingest: scan -> read -> decode -> embed -> caption -> store.

Every file found ends in exactly one count of the report. Nothing is remembered but in the store:
what is left to do after an interruption is what the next scan finds. The order of the steps keeps
rows, captions and vectors of pictures that were moved about:

1. scan: one stat a file tells the unchanged ones. If all are, no model and no decoder is started.
2. read: files that may hold known content are hashed. Known content gets a new place, no embedding.
3. embed: the rest is decoded ahead in processes of its own; batch by batch towers, then one commit.
4. prune, where asked for: places whose files are certainly gone, once all sources were read, since
   what is gone from one root may have come to another.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from search.details import NO_VECTOR
from search.errors import NoSpaceError, Reason
from search.records import DecodedImage, Failure, FileStamp, NewImage, Preprocessing, Root
from search.settings import Settings
from search.store import Store

from .absence import Gone
from .decoding import Outcome, Task
from .embedding import Towers
from .prefetch import batches
from .prune import prune
from .remembering import remember
from .report import IngestReport, Pace, Reporter, Silent, Stage
from .scan import Candidate, Scan, scan
from .sources import Source
from .starting import Models

T = TypeVar("T")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
GROUP = 512  # files hashed between two transactions

# Failures of the moment: such a file is tried again in the next run, unchanged or not.
_PASSING = (
    Reason.PERMISSION,
    Reason.VANISHED,
    Reason.CHANGED_WHILE_READING,
    Reason.IO_ERROR,
)


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What a run is to do, besides indexing what is new."""

    prune: bool = False  # remove what is gone
    yes: bool = False  # even if that is a large part of a root
    retry: bool = False  # try files again that failed before
    include_removed: bool = False  # also what `remove` took out


@dataclass(frozen=True, slots=True)
class Read:
    """A candidate whose bytes were read."""

    candidate: Candidate
    content_hash: str
    stamp: FileStamp  # of those bytes, as it may be stored
    image: DecodedImage | None = None


def ingest(
    store: Store,
    sources: Iterable[Source],
    open_towers: Callable[[], Towers],
    settings: Settings,
    options: IngestOptions = IngestOptions(),
    reporter: Reporter = Silent(),  # noqa: B008 - has no state
) -> IngestReport:
    """Bring the library in step with `sources`.

    `open_towers` is called before the first picture is embedded, or never. Raises LibraryErrors
    (NoSpaceError among them) from the store and EncoderError or ModelUnavailableError from the
    models; the batches before are stored then, and the next run goes on from there.
    """
    started = time.monotonic()
    report = IngestReport()
    models = Models(settings, open_towers)
    run = _Run(store, models, settings, options, reporter, report)
    visits = []
    with models, _no_space_explained(settings):
        for source in sources:
            visits.append(_Visit(run, source))
            visits[-1].run()
        for visit in visits:
            visit.finish()
        _let_go(run, [visit.scanned for visit in visits])
    report.seconds = time.monotonic() - started
    return report


def _let_go(run: _Run, scans: Sequence[Scan]) -> None:
    """Remove what is gone, where asked for, and remember what was seen."""
    options, report = run.options, run.report
    if options.prune:
        report.removed, report.refusals = prune(run.store, scans, run.moved, yes=options.yes)
    with suppress(NoSpaceError):  # only the measure of the next run: an older scan will do
        for scanned in scans:
            remember(run.store, scanned)


@contextmanager
def _no_space_explained(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise NoSpaceError(
            f"{settings.library}: {error.strerror}. Free some space and run the command again; "
            "what was stored so far stays."
        ) from error


@dataclass(frozen=True, slots=True)
class _Run:
    """What the visits of one run share."""

    store: Store
    models: Models
    settings: Settings
    options: IngestOptions
    reporter: Reporter
    report: IngestReport
    moved: set[int] = field(default_factory=set)  # locations that stand somewhere else by now
    _sizes: dict[str, set[int]] = field(default_factory=dict)

    def sizes(self, collection: str) -> set[int]:
        """Of all files of the collection, those of this run included; read once."""
        if collection not in self._sizes:
            self._sizes[collection] = self.store.files.sizes(collection)
        return self._sizes[collection]


class _Visit:
    """The ingest of one source."""

    def __init__(self, run: _Run, source: Source) -> None:
        self._run = run
        self._store = run.store
        self._source = source
        self._root: Root = source.root
        self._models = run.models
        self._settings = run.settings
        self._options = run.options
        self._reporter = run.reporter
        self._report = run.report
        self._excluded = run.store.removals.contents(self._root.collection)
        self._removed = run.store.removals.paths(self._root)
        self._again: list[Candidate] = []  # were being written when they were read

    def run(self) -> None:
        if self._options.include_removed:
            self._include_paths()
        retry = self._options.retry
        self.scanned = scan(
            self._store, self._source, self._reporter, retry=retry, removed=self._removed
        )
        self._count_scan()
        new = self._identify(self.scanned)
        if new:
            self._embed(new)
        if self._again:
            again, self._again = self._again, []
            self._embed(again, last=True)

    # 1 scan

    def _include_paths(self) -> None:
        wanted = [path for path in self._removed if self._source.covers(path)]
        if wanted:
            self._store.removals.include_paths(self._root, wanted)
            self._removed.difference_update(wanted)

    def _count_scan(self) -> None:
        """What needs no reading: unchanged files, remembered failures, unreadable folders."""
        scanned, source = self.scanned, self._source
        self._report.found += scanned.found - scanned.left_out + len(source.failures)
        self._report.left_out += scanned.left_out
        self._report.unchanged += scanned.unchanged
        self._report.ignored += source.ignored
        self._report.links += len(source.links)
        self._report.skipped += len(scanned.remembered)
        for failure in scanned.remembered:
            self._reporter.skipped(failure)
        for link in source.links:
            self._reporter.not_followed(link)
        self._fail([*source.failures, *scanned.refused])

    # 2 read

    def _identify(self, scanned: Scan) -> list[Candidate]:
        """Place what turns out to be known content; the candidates that are left are new.

        New paths come first and the changed ones follow all at once: in a chain of renames each
        picture has its new place before it loses the old one, and so never goes.
        """
        maybe, new = self._by_size(scanned.fresh) if scanned.fresh else ([], [])
        pace = Pace(self._reporter, Stage.READ, len(maybe) + len(scanned.changed))
        for group in _groups(maybe):
            new += [read.candidate for read in self._place(self._hash(group, pace))]
        changed: list[Read] = []
        for group in _groups(scanned.changed):
            changed += self._restamp(self._hash(group, pace))
        return new + [read.candidate for read in self._place(changed)]

    def _by_size(self, files: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
        """Those that may hold known content, and those that cannot."""
        sizes = self._run.sizes(self._root.collection)
        removed = frozenset(self._excluded.values())
        maybe: list[Candidate] = []
        new: list[Candidate] = []
        for file in files:
            known = file.stamp.size in sizes or file.stamp.size in removed
            (maybe if known else new).append(file)
        return maybe, new

    def _hash(self, candidates: Sequence[Candidate], pace: Pace) -> list[Read]:
        outcomes = []
        for outcome in self._models.pool.results(self._tasks(candidates, None)):
            outcomes.append(outcome)
            pace.add()
        return self._sort_out(outcomes, candidates)

    def _restamp(self, files: Sequence[Read]) -> list[Read]:
        """Files that were only touched are unchanged; the others."""
        touched, others = [], []
        for read in files:
            known = read.candidate.known
            if known and known.content_hash == read.content_hash:
                touched.append((known.location_id, read))
            else:
                others.append(read)
        if touched:
            self._store.files.restamp([(id_, read.stamp) for id_, read in touched])
            self._store.failures.drop(self._root, [read.candidate.path for _, read in touched])
        self._report.unchanged += len(touched)
        return others

    def _place(self, files: Sequence[Read]) -> list[Read]:
        """Give known content its place, in at most two transactions; the files of new content.

        A file whose content is known from a path that is gone is that file, moved.
        """
        ids = self._store.images.ids_of(self._root.collection, _hashes(files)) if files else {}
        places = self._store.files.places_of(self._root.collection, list(ids)) if ids else {}
        gone, elsewhere = Gone(self._store), self._run.moved
        added, moved, new = [], [], []
        for read in files:
            path, content = read.candidate.path, read.content_hash
            if content not in ids:
                new.append(read)
                continue
            known = places.get(content, ())
            left = (id_ for id_, at in known if id_ not in elsewhere and gone.has(at))
            old = next(left, None)
            if old is None:
                added.append((ids[content], path, read.stamp))
            else:
                elsewhere.add(old)
                moved.append((old, path, read.stamp))
            self._count_known(read.candidate, moved=old is not None)
        if added:
            self._store.files.add(self._root, added)
        if moved:
            self._store.files.move(self._root, moved)
        return new

    def _count_known(self, candidate: Candidate, *, moved: bool) -> None:
        if candidate.known:
            self._report.updated += 1
        elif moved:
            self._report.moved += 1
        else:
            self._report.duplicates += 1

    # 3 embed

    def _embed(self, candidates: Sequence[Candidate], *, last: bool = False) -> None:
        """Decode, embed and store, one commit a batch. `last`: a file in motion is a failure."""
        towers = self._models.towers
        outcomes = self._models.pool.results(self._tasks(candidates, towers.wanted))
        pace = Pace(self._reporter, Stage.EMBED, len(candidates))
        settings = self._settings
        for batch in batches(outcomes, settings.commit_images, settings.commit_seconds):
            self._store_new(self._sort_out(batch, candidates, last=last), towers)
            pace.add(len(batch))

    def _store_new(self, files: Sequence[Read], towers: Towers) -> None:
        """Embed what is new, once for each content, and publish it; twins become locations."""
        first: dict[str, Read] = {}
        twins = []
        for read in self._place(files):
            if first.setdefault(read.content_hash, read) is not read:
                twins.append(read)
        if first:
            seen = towers.embed([read.image for read in first.values() if read.image])
            pairs = list(zip(first.values(), seen, strict=True))
            self._publish([(read, new) for read, new in pairs if new], towers)
            self._fail([_without_vector(read, self._root) for read, new in pairs if new is None])
        self._fail([_without_vector(read, self._root) for read in self._place(twins)])

    def _publish(self, embedded: Sequence[tuple[Read, NewImage]], towers: Towers) -> None:
        if not embedded:
            return
        batch = [(read.candidate.path, read.stamp, image) for read, image in embedded]
        self._store.images.add(self._root, towers.encoder.info, batch)
        self._run.sizes(self._root.collection).update(stamp.size for _, stamp, _ in batch)
        updated = sum(1 for read, _ in embedded if read.candidate.known)
        self._report.updated += updated
        self._report.added += len(embedded) - updated

    # 4 finish

    def finish(self) -> None:
        root = self._root
        failed_folders = {_inside(root, failure.path) for failure in self._source.failures}
        stale = [path for path in self.scanned.stale if path not in failed_folders]
        if stale:
            self._store.failures.drop(root, stale)

    # what 2 and 3 have in common

    def _tasks(
        self, candidates: Sequence[Candidate], wanted: tuple[Preprocessing, ...] | None
    ) -> Iterator[Task]:
        base, follow = self._root.path, self._source.named
        for index, candidate in enumerate(candidates):
            yield Task(index, os.path.join(base, candidate.path), wanted, follow)

    def _sort_out(
        self, outcomes: Sequence[Outcome], candidates: Sequence[Candidate], *, last: bool = False
    ) -> list[Read]:
        """The files that could be read. The others are recorded, put off or left out."""
        files: list[Read] = []
        failures: list[Failure] = []
        for outcome in outcomes:
            candidate = candidates[outcome.task.index]
            stamp = self.scanned.trusted(outcome.stamp or candidate.stamp)
            if outcome.reason is Reason.CHANGED_WHILE_READING and not last:
                self._again.append(candidate)
            elif outcome.content_hash is None:
                failures.append(_failure(outcome, stamp))
            else:
                files.append(Read(candidate, outcome.content_hash, stamp, outcome.image))
        self._fail(failures)
        return self._without_removed(files)

    def _without_removed(self, files: list[Read]) -> list[Read]:
        """Leave out what `remove` took out, or let it in again where that is asked for."""
        removed = {read.content_hash for read in files} & self._excluded.keys()
        if not removed:
            return files
        if self._options.include_removed:
            self._store.removals.include_contents(self._root.collection, list(removed))
            for content in removed:
                del self._excluded[content]
            return files
        kept = [read for read in files if read.content_hash not in removed]
        self._report.left_out += len(files) - len(kept)
        self._report.found -= len(files) - len(kept)
        return kept

    def _fail(self, failures: Sequence[Failure]) -> None:
        for some in _groups(failures):
            at = [(_inside(self._root, failure.path), failure) for failure in some]
            self._store.failures.record(self._root, at)
        for failure in failures:
            self._reporter.skipped(failure)
        self._report.skipped += len(failures)
        self._report.newly_skipped += sum(not self._is_old(failure) for failure in failures)

    def _is_old(self, failure: Failure) -> bool:
        """It failed in the last run as it does now, and nobody asked to try it again."""
        before = self.scanned.failed.get(_inside(self._root, failure.path))
        return before is failure.reason and not self._options.retry


def _inside(root: Root, path: bytes) -> bytes:
    """Relative to the root, which is b"" itself."""
    return b"" if path == root.path else os.path.relpath(path, root.path)


def _failure(outcome: Outcome, stamp: FileStamp) -> Failure:
    reason = outcome.reason or Reason.DECODER_CRASH
    return Failure(
        outcome.task.path,
        reason,
        outcome.detail,
        stamp=None if reason in _PASSING else stamp,
    )


def _without_vector(read: Read, root: Root) -> Failure:
    """The decoder was fine and so, for all we know, is the file."""
    path = os.path.join(root.path, read.candidate.path)
    return Failure(path, Reason.DECODER_CRASH, NO_VECTOR, stamp=read.stamp)


def _hashes(files: Sequence[Read]) -> list[str]:
    return list({read.content_hash for read in files})


def _groups(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + GROUP] for start in range(0, len(items), GROUP))
