"""What each file is, decided from values alone: no file, no database, no process."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from itertools import product
from typing import Any

import pytest

from indexer.plan import GROUP, Known, Plan, Read, groups, identify
from indexer.reading import Outcome, Task
from indexer.report import Silent
from indexer.scan import Candidate, Scan, scan
from indexer.sources import FileSource
from search.errors import Reason
from search.jobs import IngestReport
from search.records import Failure, FileStamp, KnownFile, Root

STAMP = FileStamp(100, 5)
ENDS = ("added", "updated", "moved", "duplicates", "unchanged", "skipped")


def read(path: str, content: str, before: str | None = None) -> Read:
    """A file that holds `content`; its path held `before`, at location 9."""
    known = KnownFile(9, 90, before, STAMP) if before else None
    return Read(Candidate(path.encode(), STAMP, known), STAMP, content)


def failed(path: str, reason: Reason, before: str | None = None) -> Read:
    whole = read(path, "", before)
    return replace(whole, failure=Failure(b"/photos/" + whole.candidate.path, reason))


def parts(plan: Plan) -> dict[str, list[str]]:
    """The parts that are not empty, by the paths in them."""
    return {
        field.name: [path_of(item) for item in getattr(plan, field.name)]
        for field in fields(plan)
        if getattr(plan, field.name)
    }


def path_of(item: Any) -> str:
    if isinstance(item, tuple):
        return f"{item[0]}: {path_of(item[1])}"
    if isinstance(item, str):
        return item
    if isinstance(item, Read):
        return item.candidate.path.decode()
    path: bytes = item.path
    return path.decode().removeprefix("/photos/")


KNOWN = Known(
    images={"apple": 1, "pear": 2, "plum": 3},
    left={"pear": (22,), "plum": (33, 34)},  # gone from one place, and from two
    excluded={"fig"},
)

# name -> a file, the part that it is in, and what it counts as
CASES: dict[str, tuple[Read, dict[str, list[str]], dict[str, int]]] = {
    "new content": (read("a", "quince"), {"new": ["a"]}, {}),
    "new content at a known path": (read("a", "quince", "old"), {"new": ["a"]}, {}),
    "known content whose file is still there": (
        read("a", "apple"),
        {"placed": ["1: a"]},
        {"duplicates": 1},
    ),
    "known content whose file is gone": (read("a", "pear"), {"moved": ["22: a"]}, {"moved": 1}),
    "known content at a path of other content": (
        read("a", "apple", "old"),
        {"placed": ["1: a"]},
        {"updated": 1},
    ),
    "known content that moved to a path of other content": (
        read("a", "pear", "old"),
        {"moved": ["22: a"]},
        {"updated": 1},
    ),
    "only touched": (read("a", "apple", "apple"), {"touched": ["a"]}, {"unchanged": 1}),
    "touched, and gone elsewhere": (
        read("a", "pear", "pear"),
        {"touched": ["a"]},
        {"unchanged": 1},
    ),
    "taken out": (read("a", "fig"), {"left_out": ["a"]}, {"left_out": 1, "found": -1}),
    "taken out, at a path of other content": (
        read("a", "fig", "old"),
        {"left_out": ["a"]},
        {"left_out": 1, "found": -1},
    ),
    "cannot be read": (failed("a", Reason.CORRUPT), {"failures": ["a"]}, {"skipped": 1}),
    "cannot be read any more": (
        failed("a", Reason.CORRUPT, "old"),
        {"failures": ["a"]},
        {"skipped": 1},
    ),
    "is being written": (failed("a", Reason.CHANGED_WHILE_READING), {"again": ["a"]}, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_one_thing_and_counts_once(name: str) -> None:
    file, expected, counts = CASES[name]
    plan = identify([file], KNOWN)
    assert parts(plan) == expected
    assert {name: count for name, count in plan.counts().items() if count} == counts


@pytest.mark.parametrize(("first", "second"), list(product(CASES, CASES)))
def test_what_a_file_is_does_not_hang_on_its_neighbour(first: str, second: str) -> None:
    """But where both are gone from the one place that one of them can have left."""
    one, other = CASES[first][0], CASES[second][0]
    other = replace(other, candidate=replace(other.candidate, path=b"b"))
    if one.content_hash == other.content_hash == "pear":
        return
    both = parts(identify([one, other], KNOWN))
    alone = [parts(identify([file], KNOWN)) for file in (one, other)]
    assert both == {
        name: alone[0].get(name, []) + alone[1].get(name, [])
        for name in both.keys() | alone[0].keys() | alone[1].keys()
    }


def test_a_place_that_is_gone_serves_for_one_move_only() -> None:
    files = [read(name, content) for content in ("plum", "pear") for name in "abc"]
    plan = identify(files, KNOWN)
    assert parts(plan) == {"moved": ["33: a", "34: b", "22: a"], "placed": ["3: c", "2: b", "2: c"]}
    assert (plan.counts()["moved"], plan.counts()["duplicates"]) == (3, 3)


def test_what_was_taken_out_is_let_in_again_where_that_is_asked_for() -> None:
    files = [read("a", "fig"), read("b", "apple"), read("c", "fig", "old")]
    plan = identify(files, KNOWN, include_removed=True)
    assert parts(plan) == {"new": ["a", "c"], "placed": ["1: b"], "included": ["fig"]}
    assert plan.counts()["found"] == plan.counts()["left_out"] == 0


def test_what_is_still_being_written_the_second_time_is_a_failure() -> None:
    plan = identify([failed("a", Reason.CHANGED_WHILE_READING)], KNOWN, last=True)
    assert parts(plan) == {"failures": ["a"]}
    assert plan.counts()["skipped"] == 1


def test_of_a_library_that_knows_nothing_only_the_touched_files_are_known() -> None:
    """The first look at changed files: what their own paths held, and no more."""
    files = [read("a", "apple", "apple"), read("b", "pear", "apple"), read("c", "fig")]
    assert parts(identify(files, Known())) == {"touched": ["a"], "new": ["b", "c"]}


def test_two_files_that_changed_places_are_known_and_nothing_is_new() -> None:
    known = Known({"apple": 1, "pear": 2}, {"apple": (), "pear": ()})
    files = [read("a", "pear", "apple"), read("b", "apple", "pear")]
    plan = identify(files, known)
    assert parts(plan) == {"placed": ["2: a", "1: b"]}
    assert plan.counts()["updated"] == 2


def test_the_counts_of_a_plan_are_counts_of_the_report() -> None:
    report = IngestReport(found=len(CASES))
    plan = identify([file for file, _, _ in CASES.values()], KNOWN)
    report.add(**plan.counts())
    left = len(plan.new) + len(plan.again)
    assert report.found == sum(getattr(report, name) for name in ENDS) + left


@pytest.mark.parametrize("count", [0, 1, GROUP, GROUP + 1, 3 * GROUP])
def test_a_large_folder_is_many_plans(count: int) -> None:
    some = list(groups(range(count)))
    assert [number for group in some for number in group] == list(range(count))
    assert all(0 < len(group) <= GROUP for group in some)


# outcomes of a reader


def scanned(started_ns: int) -> Scan:
    """A scan that began then and found nothing."""
    source = FileSource(Root(1, "default", b"/photos", 1, 0), [])
    return replace(scan(source, {}, {}, Silent()), started_ns=started_ns)


PASSING = {
    Reason.PERMISSION,
    Reason.VANISHED,
    Reason.CHANGED_WHILE_READING,
    Reason.IO_ERROR,
}


@pytest.mark.parametrize("reason", Reason)
def test_a_failure_of_the_moment_has_no_stamp_and_so_is_tried_again(reason: Reason) -> None:
    candidate = Candidate(b"a", STAMP, None)
    outcome = Outcome(Task(0, b"/photos/a", None), reason=reason, detail="why")
    file = Read.of(candidate, outcome, scanned(10**12))
    assert file.failure == Failure(
        b"/photos/a", reason, "why", stamp=None if reason in PASSING else STAMP
    )


def test_the_stamp_is_that_of_the_bytes_and_of_a_young_file_none_that_could_be_trusted() -> None:
    content = hashlib.sha256(b"").hexdigest()
    later = FileStamp(101, 10**12)
    outcome = Outcome(Task(0, b"/photos/a", None), later, content)
    candidate = Candidate(b"a", STAMP, None)
    assert Read.of(candidate, outcome, scanned(10**13)).stamp == later
    assert Read.of(candidate, outcome, scanned(10**12)).stamp == FileStamp(101, -1)
