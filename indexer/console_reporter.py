"""A run, reported to the console."""

from __future__ import annotations

from search.errors import explained
from search.jobs import Stage
from search.records import Device, EncoderInfo, Failure
from search.shapes.library import failure_json
from search.shapes.values import path_json

from .console import Console, printable, typed

SHOWN = 20  # bad rows of feeds, where nothing else was asked for


class ConsoleReporter:
    """A Reporter for the command line."""

    def __init__(self, console: Console) -> None:
        self.missing = 0  # folders with pictures, and feeds, that are not there
        self._bad_rows = 0
        self._console = console

    def progress(self, stage: Stage, done: int, total: int | None, per_s: float) -> None:
        self._console.advance(stage.value, done, total, per_s)

    def skipped(self, failure: Failure) -> None:
        self._console.line("file", **failure_json(failure))
        why = explained(failure.reason, failure.detail)
        self._console.detail(f"skipped {printable(failure.path)}: {why}")

    def bad_row(self, feed: bytes, line: int, sku: str | None, why: str) -> None:
        self._console.line(
            "error", code="bad_row", **path_json(feed), line=line, sku=sku, detail=why
        )
        self._bad_rows += 1
        said = (
            f"{printable(feed)}, line {line}: {f'{printable(sku.encode())}: ' if sku else ''}{why}"
        )
        if self._bad_rows <= SHOWN:
            self._console.warn(said)
        elif self._bad_rows == SHOWN + 1:
            self._console.warn("More rows like these are named with -v.")
        if self._bad_rows > SHOWN:
            self._console.detail(said)

    def feed_missing(self, feed: bytes, why: str) -> None:
        self.missing += 1
        detail = f"{why}; its products stay in the library"
        self._console.line("error", code="feed_missing", **path_json(feed), detail=detail)
        self._console.warn(f"{printable(feed)}: {detail}")

    def not_followed(self, link: bytes) -> None:
        self._console.detail(f"link not followed {printable(link)}")

    def root_missing(self, folder: bytes, pictures: bool) -> None:
        forget = f"`indexer remove {typed(folder)}` forgets it."
        if not pictures:  # nothing is at stake
            why = "the folder is not there, and no picture of it is in the library"
            self._console.note(f"{printable(folder)}: {why}. {forget}")
            return
        self.missing += 1
        why = "the folder is not there; its pictures stay in the library"
        self._console.line("error", code="root_missing", **path_json(folder), detail=why)
        self._console.warn(f"{printable(folder)}: {why}. {forget}")

    def model_opened(self, info: EncoderInfo, device: Device) -> None:
        where = f"{device.name} ({device.reason}), {device.precision}"
        self._console.note(f"model {info.name} on {where}")
