"""What a reader is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from search.errors import Reason
from search.records import DecodedImage, FileStamp, Preprocessing


@dataclass(frozen=True, slots=True)
class Task:
    """One file to read. `wanted` None: its hash only."""

    index: int  # the caller's own number for it
    path: bytes  # absolute
    wanted: tuple[Preprocessing, ...] | None
    follow: bool = False  # through a symbolic link: for files that were named themselves


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: `image`, or only `content_hash`, or a `reason`."""

    task: Task
    stamp: FileStamp | None = None  # of the bytes that were read
    content_hash: str | None = None
    image: DecodedImage | None = None
    reason: Reason | None = None
    detail: str = ""
