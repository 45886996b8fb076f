"""What a scan makes of the files that a source finds, from values alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from indexer.report import Silent
from indexer.scan import UNTRUSTED_NS, Scan, scan
from indexer.sources import FoundFile
from search.details import format_of
from search.errors import Reason
from search.records import Failure, FileStamp, KnownFile, Root

STAMP = FileStamp(100, 5)
OTHER = FileStamp(101, 5)
ROOT = Root(1, "default", b"/photos", 1, 0)


@dataclass
class ListedSource:
    """A source of files that are nowhere; it covers all but what lies below `away`."""

    found: list[FoundFile]
    root: Root = ROOT
    named: bool = False
    ignored: int = 0
    links: list[bytes] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    file_systems: dict[bytes, str] = field(default_factory=dict)

    def files(self) -> Iterator[FoundFile]:
        return iter(self.found)

    def asked_for(self, path: bytes) -> bool:
        return True

    def covers(self, path: bytes) -> bool:
        return not path.startswith(b"away/")

    def is_thumbnail(self, path: bytes) -> bool:
        return False


@dataclass(frozen=True)
class Before:
    """What the store remembers of one path."""

    known: FileStamp | None = None
    failed: Failure | None = None
    removed: bool = False


def failure(reason: Reason, stamp: FileStamp | None = STAMP) -> Failure:
    return Failure(b"/photos/a", reason, stamp=stamp)


def scanned(name: str, before: Before, *, retry: bool = False) -> Scan:
    path = name.encode()
    known = KnownFile(9, 90, "apple", before.known) if before.known else None
    return scan(
        ListedSource([FoundFile(path, *STAMP)]),
        {path: known} if known else {},
        {path: before.failed} if before.failed else {},
        Silent(),
        retry=retry,
        removed={path} if before.removed else set(),
    )


def ends(result: Scan) -> set[str]:
    """In which parts of a scan something is."""
    parts = ("fresh", "changed", "remembered", "refused", "missing", "stale")
    counts = {name for name in ("unchanged", "left_out") if getattr(result, name)}
    return counts | {name for name in parts if getattr(result, name)}


RAW = Failure(b"/photos/a.CR2", Reason.UNSUPPORTED_FORMAT, stamp=STAMP)

CASES = {
    "a new file": ("a.png", Before(), "fresh"),
    "an unchanged one": ("a.png", Before(STAMP), "unchanged"),
    "one of another size": ("a.png", Before(OTHER), "changed"),
    "one of another time": ("a.png", Before(FileStamp(100, 6)), "changed"),
    "one that was too young to be trusted": (
        "a.png",
        Before(FileStamp(100, UNTRUSTED_NS)),
        "changed",
    ),
    "one that was taken out": ("a.png", Before(removed=True), "left_out"),
    "one that failed before": ("a.png", Before(failed=failure(Reason.CORRUPT)), "remembered"),
    "one that failed before and has changed": (
        "a.png",
        Before(failed=failure(Reason.CORRUPT, OTHER)),
        "fresh",
    ),
    "one that failed for the moment": (
        "a.png",
        Before(failed=failure(Reason.PERMISSION, None)),
        "fresh",
    ),
    "a changed one that failed when it changed": (
        "a.png",
        Before(OTHER, failure(Reason.CORRUPT)),
        "remembered",
    ),
    "a raw photograph": ("a.CR2", Before(), "refused"),
    "a raw photograph that was refused before": ("a.CR2", Before(failed=RAW), "remembered"),
    "a raw photograph that an older version opened": (
        "a.CR2",
        Before(failed=failure(Reason.CORRUPT)),
        "refused",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_found_file_is_one_thing_and_counts_once(name: str) -> None:
    file, before, expected = CASES[name]
    result = scanned(file, before)
    assert ends(result) == {expected}
    counts = result.counts()
    to_be_read = len(result.fresh) + len(result.changed)
    assert counts["found"] == counts["unchanged"] + counts["skipped"] + to_be_read
    assert result.found == counts["found"] + counts["left_out"] == 1


def test_what_was_taken_out_is_no_failure_any_more() -> None:
    result = scanned("a.png", Before(failed=failure(Reason.CORRUPT), removed=True))
    assert (result.left_out, result.stale, result.remembered) == (1, [b"a.png"], [])


def test_what_failed_before_is_tried_again_when_that_is_asked_for() -> None:
    result = scanned("a.png", Before(failed=failure(Reason.CORRUPT)), retry=True)
    assert ends(result) == {"fresh"}
    assert result.failed == {b"a.png": Reason.CORRUPT}


def test_a_raw_photograph_is_refused_with_its_format_and_never_opened() -> None:
    (refused,) = scanned("a.CR2", Before()).refused
    why = format_of("CR2")
    assert refused == Failure(b"/photos/a.CR2", Reason.UNSUPPORTED_FORMAT, why, stamp=STAMP)


def test_what_is_known_and_not_found_is_missing_and_its_failures_are_stale() -> None:
    known = {path: KnownFile(9, 90, "apple", STAMP) for path in (b"a.png", b"gone.png")}
    failures = {path: failure(Reason.CORRUPT) for path in (b"bad.png", b"away/bad.png")}
    result = scan(ListedSource([FoundFile(b"a.png", *STAMP)]), known, failures, Silent())
    assert list(result.missing) == [b"gone.png"]
    assert result.stale == [b"bad.png"]
    assert (result.known, result.unchanged, result.found) == (2, 1, 1)
