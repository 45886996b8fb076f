"""What is to be done about files that were read: a value, decided from what the library knows.

Nothing is read, asked or written here; `execution` does what a plan says. A large folder is many
plans, one a group of files, so that none of them is large.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from search.errors import Reason
from search.records import DecodedImage, Failure, FileStamp

from .reading import Outcome
from .scan import Candidate, Scan

T = TypeVar("T")
GROUP = 512  # files of one plan

# Failures of the moment: such a file is tried again in the next run, unchanged or not.
_PASSING = (
    Reason.PERMISSION,
    Reason.VANISHED,
    Reason.CHANGED_WHILE_READING,
    Reason.IO_ERROR,
)


@dataclass(frozen=True, slots=True)
class Read:
    """A candidate whose bytes were read; where they could not be, `failure` says why."""

    candidate: Candidate
    stamp: FileStamp  # of those bytes, as it may be stored
    content_hash: str = ""
    image: DecodedImage | None = None
    failure: Failure | None = None

    @classmethod
    def of(cls, candidate: Candidate, outcome: Outcome, scanned: Scan) -> Read:
        stamp = scanned.trusted(outcome.stamp or candidate.stamp)
        if outcome.content_hash is None:
            return cls(candidate, stamp, failure=_failure(outcome, stamp))
        return cls(candidate, stamp, outcome.content_hash, outcome.image)

    @property
    def is_in_motion(self) -> bool:
        """Whether it changed while it was read."""
        return self.failure is not None and self.failure.reason is Reason.CHANGED_WHILE_READING

    @property
    def is_touched(self) -> bool:
        """Whether its path held the same content before."""
        known = self.candidate.known
        return known is not None and known.content_hash == self.content_hash


Reads = tuple[Read, ...]
Placed = tuple[tuple[int, Read], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the library knows of some contents, at one moment."""

    images: Mapping[str, int] = field(default_factory=dict)  # content -> image
    left: Mapping[str, Sequence[int]] = field(default_factory=dict)  # -> places it is gone from
    excluded: Container[str] = ()  # contents that `remove` took out


@dataclass(frozen=True, slots=True)
class Plan:
    """What each of some files is; every file is in exactly one of the parts."""

    again: tuple[Candidate, ...] = ()  # changed while it was read: to be read once more
    failures: tuple[Failure, ...] = ()
    left_out: Reads = ()  # of contents that were taken out
    touched: Reads = ()  # the same content at the same place
    placed: Placed = ()  # known content at a further place: (image, file)
    moved: Placed = ()  # known content that is gone from another place: (that location, file)
    new: Reads = ()  # of unknown content: to be embedded
    included: tuple[str, ...] = ()  # contents that are let in again, in whatever part they are

    def counts(self) -> dict[str, int]:
        """What it adds to the report; of what is again or new, nothing is known yet."""
        known = [*self.placed, *self.moved]
        return {
            "found": -len(self.left_out),
            "left_out": len(self.left_out),
            "unchanged": len(self.touched),
            "updated": sum(file.candidate.known is not None for _, file in known),
            "moved": sum(file.candidate.known is None for _, file in self.moved),
            "duplicates": sum(file.candidate.known is None for _, file in self.placed),
            "skipped": len(self.failures),
        }


def identify(
    files: Sequence[Read],
    known: Known,
    *,
    include_removed: bool = False,
    last: bool = False,
) -> Plan:
    """Decide what each file is.

    `include_removed`: what was taken out is let in again. `last`: a file that changes while it is
    read is a failure now.
    """
    failed, read = _parted(files, lambda file: file.failure is not None)
    again, failed = _parted(failed, lambda file: file.is_in_motion and not last)
    excluded, read_in = _parted(read, lambda file: file.content_hash in known.excluded)
    touched, others = _parted(read if include_removed else read_in, lambda file: file.is_touched)
    placed, moved, new = _placed(others, known)
    return Plan(
        again=tuple(file.candidate for file in again),
        failures=tuple(file.failure for file in failed if file.failure),
        left_out=() if include_removed else excluded,
        included=tuple({file.content_hash for file in excluded}) if include_removed else (),
        touched=touched,
        placed=placed,
        moved=moved,
        new=new,
    )


def groups(items: Sequence[T], size: int = GROUP) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _placed(files: Iterable[Read], known: Known) -> tuple[Placed, Placed, tuple[Read, ...]]:
    """Further places, moves, and what is new.

    Known content is a move where a place of it is gone, which serves for one move only.
    """
    left = {content: iter(places) for content, places in known.left.items()}
    placed, moved, new = [], [], []
    for file in files:
        image = known.images.get(file.content_hash)
        if image is None:
            new.append(file)
        elif (place := next(left.get(file.content_hash, iter(())), None)) is not None:
            moved.append((place, file))
        else:
            placed.append((image, file))
    return tuple(placed), tuple(moved), tuple(new)


def _parted(files: Iterable[Read], test: Callable[[Read], bool]) -> tuple[Reads, Reads]:
    """Those of which it is true, and the others."""
    parts: tuple[list[Read], list[Read]] = [], []
    for file in files:
        parts[not test(file)].append(file)
    return tuple(parts[0]), tuple(parts[1])


def _failure(outcome: Outcome, stamp: FileStamp) -> Failure:
    reason = outcome.reason or Reason.DECODER_CRASH
    passing = reason in _PASSING
    return Failure(outcome.task.path, reason, outcome.detail, stamp=None if passing else stamp)
