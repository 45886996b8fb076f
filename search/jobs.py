"""What may be asked of an ingest, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Stage(StrEnum):
    """What a run is busy with."""

    SCAN = "scan"  # one stat a file
    READ = "read"  # hashing files whose content may be known
    EMBED = "embed"
    CAPTION = "caption"
    FACTS = "facts"  # reading files again for what they say of their pictures


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What a run is to do, besides indexing what is new."""

    prune: bool = False  # remove what is gone
    yes: bool = False  # even if that is a large part of a root
    retry: bool = False  # try files again that failed before
    include_removed: bool = False  # also what `remove` took out


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """How a person wants a feed to be read."""

    mapped: Mapping[str, str] = field(default_factory=dict)  # field or attribute -> column
    encoding: str | None = None
    allow_outside: bool = False  # pictures outside of the feed's folder


@dataclass(frozen=True, slots=True)
class IngestRequest:
    """Index files and folders, or bring what was added before in step with the disk."""

    paths: tuple[bytes, ...] = ()  # absolute; none with `sync`: every folder of the library
    sync: bool = False  # only folders that were added before, or parts of them
    collection: str = "default"  # where new paths belong
    captions: bool = True
    options: IngestOptions = IngestOptions()
    wait: bool = False  # for another run to end
    feeds: tuple[bytes, ...] = ()  # absolute: files that list a shop's products
    feed_options: FeedOptions = FeedOptions()

    @property
    def command(self) -> str:
        """By which name others hear who is writing."""
        return "sync" if self.sync else "add"


@dataclass(slots=True)
class ProductCounts:
    """Where each row of the feeds ended: rows = added + updated + unchanged + bad."""

    rows: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    bad: int = 0  # with a reason; what the library has of that product stays
    reported: int = 0  # what was said of rows, also of single pictures of those that are in
    removed: int = 0  # products that are in no row any more


@dataclass(slots=True)
class IngestReport:
    """Where each file ended: found = added + updated + moved + duplicates + unchanged + skipped."""

    found: int = 0
    added: int = 0  # new content
    updated: int = 0  # a known path with new content
    moved: int = 0  # known content at a new path whose old file is gone
    duplicates: int = 0  # known content at a further path
    unchanged: int = 0
    skipped: int = 0  # with a reason
    newly_skipped: int = 0  # of these: not for the same reason already in the run before
    removed: int = 0  # files that are gone and lost their place in the library
    left_out: int = 0  # taken out by `remove`: not in `found`
    ignored: int = 0  # not pictures by their name, or links: not in `found`
    links: int = 0  # of these: links, which are not followed
    seconds: float = 0.0
    refusals: tuple[str, ...] = ()  # why something was not removed, in words
    products: ProductCounts | None = None  # of feeds; None where there was none

    def add(self, **counts: int) -> None:
        """To the counts of these names."""
        for name, count in counts.items():
            setattr(self, name, getattr(self, name) + count)


class JobState(StrEnum):
    WAITING = "waiting"  # for its turn, or for another program's run to end
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # what was stored before stays


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is."""

    stage: Stage
    done: int
    total: int | None  # None: not known yet
    per_s: float


@dataclass(frozen=True, slots=True)
class Job:
    """One request, and how far it is at one moment."""

    id: int
    request: IngestRequest
    state: JobState = JobState.WAITING
    progress: Progress | None = None
    report: IngestReport | None = None  # once it is done
    error: str = ""  # why it failed, or what it waits for, in words

    @property
    def ended(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
