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

from search.errors import NoSpaceError
from search.jobs import IngestOptions, IngestReport, Stage
from search.records import Preprocessing
from search.settings import Settings
from search.store import Store

from .execution import Execution, inside
from .interfaces import Embedder, Reader
from .knowledge import Knowledge
from .plan import Known, Read, Reads, groups, identify
from .prefetch import batches
from .prune import prune
from .reading import Task
from .remembering import remember
from .report import Pace, Reporter, Silent
from .scan import Candidate, Scan, scan
from .sources import Source
from .starting import Models

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def ingest(
    store: Store,
    sources: Iterable[Source],
    reader: Reader,
    open_embedder: Callable[[], Embedder],
    settings: Settings,
    options: IngestOptions = IngestOptions(),  # noqa: B008 - frozen
    reporter: Reporter = Silent(),  # noqa: B008 - has no state
) -> IngestReport:
    """Bring the library in step with `sources`.

    `open_embedder` is called before the first picture is embedded, or never. Raises LibraryErrors
    (NoSpaceError among them) from the store and EncoderError or ModelUnavailableError from the
    models; the batches before are stored then, and the next run goes on from there.
    """
    started = time.monotonic()
    run = _Run(store, Models(reader, open_embedder), settings, options, reporter)
    with _no_space_explained(settings):
        scans = [run.visit(source) for source in sources]
        for scanned in scans:
            _forget_stale(store, scanned)
        run.let_go(scans)
    run.report.seconds = time.monotonic() - started
    return run.report


def _forget_stale(store: Store, scanned: Scan) -> None:
    """Failures of files that are not there any more; those of folders were just written."""
    root = scanned.source.root
    failed_folders = {inside(root, failure.path) for failure in scanned.source.failures}
    stale = [path for path in scanned.stale if path not in failed_folders]
    if stale:
        store.failures.drop(root, stale)


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


class _Run:
    """The steps of one run, in their order; what it knows and counts."""

    def __init__(
        self,
        store: Store,
        models: Models,
        settings: Settings,
        options: IngestOptions,
        reporter: Reporter,
    ) -> None:
        self.report = IngestReport()
        self._store = store
        self._models = models
        self._settings = settings
        self._options = options
        self._reporter = reporter
        self._knowledge = Knowledge(store)

    def visit(self, source: Source) -> Scan:
        """Steps 1 to 3 for one source."""
        scanned = self._scan(source)
        work = Execution(
            self._store,
            scanned,
            self._knowledge,
            self.report,
            self._reporter,
            retried=self._options.retry,
        )
        work.begin(scanned)
        new = self._without_known(scanned, work)
        if new:
            self._embed(new, scanned, work)
        if work.again:
            self._embed(list(work.again), scanned, work, last=True)
        return scanned

    # 1 scan

    def _scan(self, source: Source) -> Scan:
        root, store = source.root, self._store
        removed = store.removals.paths(root)
        if self._options.include_removed:
            wanted = [path for path in removed if source.covers(path)]
            if wanted:
                store.removals.include_paths(root, wanted)
                removed.difference_update(wanted)
        known, failures = store.files.known(root), store.failures.known(root)
        retry = self._options.retry
        return scan(source, known, failures, self._reporter, retry=retry, removed=removed)

    # 2 read

    def _without_known(self, scanned: Scan, work: Execution) -> list[Candidate]:
        """Place what turns out to be known content; the candidates that are left are new.

        New paths come first and the changed ones follow all at once: in a chain of renames each
        picture has its new place before it loses the old one, and so never goes.
        """
        collection = scanned.source.root.collection
        maybe, new = self._knowledge.may_be_known(collection, scanned.fresh)
        pace = Pace(self._reporter, Stage.READ, len(maybe) + len(scanned.changed))
        for group in groups(maybe):
            new += _candidates(self._settle(self._hashed(group, scanned, pace), scanned, work))
        changed: list[Read] = []
        for group in groups(scanned.changed):
            changed += self._without_touched(self._hashed(group, scanned, pace), scanned, work)
        return new + _candidates(self._settle(changed, scanned, work))

    def _hashed(self, files: Sequence[Candidate], scanned: Scan, pace: Pace) -> list[Read]:
        hashed = []
        for outcome in self._models.reader.results(_tasks(files, scanned.source, None)):
            hashed.append(Read.of(files[outcome.task.index], outcome, scanned))
            pace.add()
        return hashed

    def _without_touched(self, files: Sequence[Read], scanned: Scan, work: Execution) -> Reads:
        """Those that hold something else than before; of other places nothing is asked yet."""
        excluded = self._knowledge.excluded(scanned.source.root.collection)
        return self._carry_out(files, Known(excluded=excluded), work)

    def _settle(
        self, files: Sequence[Read], scanned: Scan, work: Execution, *, last: bool = False
    ) -> Reads:
        """Do what can be done without a model; the files of new content."""
        known = self._knowledge.of(scanned.source.root.collection, files)
        return self._carry_out(files, known, work, last=last)

    def _carry_out(
        self, files: Sequence[Read], known: Known, work: Execution, *, last: bool = False
    ) -> Reads:
        include = self._options.include_removed
        plan = identify(files, known, include_removed=include, last=last)
        work.carry_out(plan)
        return plan.new

    # 3 embed

    def _embed(
        self, files: Sequence[Candidate], scanned: Scan, work: Execution, *, last: bool = False
    ) -> None:
        """Decode, embed and store, one commit a batch. `last`: a file in motion is a failure."""
        embedder = self._models.embedder
        outcomes = self._models.reader.results(_tasks(files, scanned.source, embedder.wanted))
        pace = Pace(self._reporter, Stage.EMBED, len(files))
        settings = self._settings
        for batch in batches(outcomes, settings.commit_images, settings.commit_seconds):
            read = [Read.of(files[outcome.task.index], outcome, scanned) for outcome in batch]
            work.embed(self._settle(read, scanned, work, last=last), embedder)
            pace.add(len(batch))

    # 4 prune

    def let_go(self, scans: Sequence[Scan]) -> None:
        """Remove what is gone, where asked for, and remember what was seen."""
        store, options = self._store, self._options
        if options.prune:
            moved = self._knowledge.moved
            removed, self.report.refusals = prune(store, scans, moved, yes=options.yes)
            self.report.add(removed=removed)
        with suppress(NoSpaceError):  # only the measure of the next run: an older scan will do
            for scanned in scans:
                remember(store, scanned)


def _candidates(files: Reads) -> list[Candidate]:
    return [file.candidate for file in files]


def _tasks(
    files: Sequence[Candidate], source: Source, wanted: tuple[Preprocessing, ...] | None
) -> Iterator[Task]:
    for index, file in enumerate(files):
        yield Task(index, os.path.join(source.root.path, file.path), wanted, source.named)
