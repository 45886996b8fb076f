"""Plans are carried out: the store is written, files are counted, failures are named."""

from __future__ import annotations

import os
from collections.abc import Sequence

from search.details import NO_VECTOR
from search.errors import Reason
from search.jobs import IngestReport
from search.records import Failure, FileStamp, NewImage, Root
from search.store import Store

from .interfaces import Embedder
from .knowledge import Knowledge
from .plan import Placed, Plan, Read, Reads, groups, identify
from .report import Reporter
from .scan import Candidate, Scan


class Execution:
    """Of the plans for one source, in the order in which they come."""

    def __init__(
        self,
        store: Store,
        scanned: Scan,
        knowledge: Knowledge,
        report: IngestReport,
        reporter: Reporter,
        *,
        retried: bool = False,
    ) -> None:
        """`retried`: files that failed before were tried again, so that each failure is new."""
        self.again: list[Candidate] = []  # to be read once more
        self._store = store
        self._root: Root = scanned.source.root
        self._failed_before = {} if retried else scanned.failed
        self._knowledge = knowledge
        self._report = report
        self._reporter = reporter

    def begin(self, scanned: Scan) -> None:
        """What a scan knows without reading a file."""
        self._report.add(**scanned.counts())
        for failure in scanned.remembered:
            self._reporter.skipped(failure)
        for link in scanned.source.links:
            self._reporter.not_followed(link)
        self._fail([*scanned.source.failures, *scanned.refused])

    def carry_out(self, plan: Plan) -> None:
        """All but what is new, in at most two transactions for those that have a place."""
        self._fail(plan.failures)
        self._include(plan.included)
        self._restamp(plan.touched)
        self._place(plan.placed, plan.moved)
        self._report.add(**plan.counts())
        self.again += plan.again

    def embed(self, new: Reads, embedder: Embedder) -> None:
        """Embed what is new, once for each content, and publish it; twins become places of it."""
        first: dict[str, Read] = {}
        twins = [file for file in new if first.setdefault(file.content_hash, file) is not file]
        if first:
            made = embedder.embed([file.image for file in first.values() if file.image])
            pairs = list(zip(first.values(), made, strict=True))
            self._publish([(file, image) for file, image in pairs if image], embedder)
            self._fail_without_vector([file for file, image in pairs if image is None])
        if twins:
            plan = identify(twins, self._knowledge.of(self._root.collection, twins))
            self.carry_out(plan)
            self._fail_without_vector(plan.new)

    def _publish(self, made: Sequence[tuple[Read, NewImage]], embedder: Embedder) -> None:
        if not made:
            return
        batch = [(file.candidate.path, file.stamp, image) for file, image in made]
        self._store.images.add(self._root, embedder.info, batch)
        self._knowledge.added(self._root.collection, [file for file, _ in made])
        updated = sum(file.candidate.known is not None for file, _ in made)
        self._report.add(updated=updated, added=len(made) - updated)

    def _include(self, contents: Sequence[str]) -> None:
        if contents:
            self._store.removals.include_contents(self._root.collection, contents)
            self._knowledge.included(self._root.collection, contents)

    def _restamp(self, touched: Reads) -> None:
        if touched:
            known = [(file.candidate.known, file.stamp) for file in touched]
            self._store.files.restamp([(at.location_id, stamp) for at, stamp in known if at])
            self._store.failures.drop(self._root, [file.candidate.path for file in touched])

    def _place(self, placed: Placed, moved: Placed) -> None:
        if placed:
            self._store.files.add(self._root, _at(placed))
        if moved:
            self._knowledge.moved.update(location for location, _ in moved)
            self._store.files.move(self._root, _at(moved))

    def _fail_without_vector(self, files: Sequence[Read]) -> None:
        """The decoder was fine and so, for all we know, are the files."""
        failures = [_without_vector(file, self._root) for file in files]
        self._report.add(skipped=len(failures))
        self._fail(failures)

    def _fail(self, failures: Sequence[Failure]) -> None:
        """They are remembered and named; whoever calls counts them."""
        for some in groups(failures):
            at = [(inside(self._root, failure.path), failure) for failure in some]
            self._store.failures.record(self._root, at)
        for failure in failures:
            self._reporter.skipped(failure)
        self._report.add(newly_skipped=sum(map(self._is_new, failures)))

    def _is_new(self, failure: Failure) -> bool:
        """Whether the last run did not skip it for the same reason already."""
        before = self._failed_before.get(inside(self._root, failure.path))
        return before is not failure.reason


def inside(root: Root, path: bytes) -> bytes:
    """Relative to the root, which is b"" itself."""
    return b"" if path == root.path else os.path.relpath(path, root.path)


def _at(files: Placed) -> list[tuple[int, bytes, FileStamp]]:
    return [(id_, file.candidate.path, file.stamp) for id_, file in files]


def _without_vector(file: Read, root: Root) -> Failure:
    path = os.path.join(root.path, file.candidate.path)
    return Failure(path, Reason.DECODER_CRASH, NO_VECTOR, stamp=file.stamp)
