"""What a command says: JSON lines on stdout, or words for a person; progress on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from search.home import advised

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LINE_SECONDS = 10.0  # between two progress lines where there is no terminal
STATUS_SECONDS = 1.0  # between two status lines with --json


class Console:
    """One command's mouth."""

    def __init__(
        self,
        *,
        json: bool,
        quiet: bool,
        verbose: bool,
        color: bool,
        library: Path | None = None,
    ) -> None:
        """`library`: the one that commands in notes and summaries are about."""
        self.json = json
        self._library = library
        self._quiet = quiet
        self._verbose = verbose
        self._color = color
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._told: dict[str, float] = {}

    def line(self, message_type: str, **fields: Any) -> None:
        """One JSON line, when JSON was asked for."""
        if self.json:
            click.echo(json.dumps({"message_type": message_type, **fields}))

    def say(self, text: str = "") -> None:
        """A result, for a person; names from disk must come through `printable`."""
        if not self.json:
            click.echo(text)

    def note(self, text: str) -> None:
        """Something to know that is no result."""
        if not self._quiet:
            text = self.advised(text)
            if self._bars is not None:
                self._bars.console.print(text, markup=False, highlight=False)
            else:
                click.echo(text, err=True)

    def detail(self, text: str) -> None:
        """Only with -v."""
        if self._verbose:
            self.note(text)

    def summary(self, text: str | None = None, **fields: Any) -> None:
        """The last thing said."""
        self.line("summary", **fields)
        if text:
            self.say(self.advised(text))

    def advised(self, text: str) -> str:
        """`text`, its commands written for this library."""
        return advised(text, self._library) if self._library else text

    @contextmanager
    def progress(self) -> Iterator[Console]:
        """Bars on a terminal, a line now and then elsewhere, nothing with --quiet."""
        if self._quiet or self.json or not sys.stderr.isatty():
            yield self
            return
        with _bars(self._color) as self._bars:
            yield self
        self._bars = None

    def advance(self, stage: str, done: int, total: int | None, per_s: float) -> None:
        """How far a stage is; call as often as you like."""
        if self.json:
            self._now_and_then(stage, done, total, per_s, STATUS_SECONDS)
        elif self._bars is not None:
            if stage not in self._tasks:
                self._tasks[stage] = self._bars.add_task(stage, total=total)
            self._bars.update(self._tasks[stage], completed=done, total=total)
        elif not self._quiet:
            self._now_and_then(stage, done, total, per_s, LINE_SECONDS)

    def _now_and_then(
        self, stage: str, done: int, total: int | None, per_s: float, seconds: float
    ) -> None:
        now = time.monotonic()
        if now - self._told.setdefault(stage, now) < seconds and done != total:
            return
        self._told[stage] = now
        self.line("status", stage=stage, done=done, total=total, per_s=round(per_s, 1))
        if not self.json:
            of = "" if total is None else f" of {total}"
            left = "" if not total or not per_s else f", {_clock((total - done) / per_s)} left"
            click.echo(f"{stage}: {done}{of} ({per_s:.1f}/s{left})", err=True)


def printable(path: bytes) -> str:
    """A file's name as one harmless line: control characters and stray bytes are escaped."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _bars(color: bool) -> Progress:
    from rich.console import Console as Terminal
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class RateColumn(ProgressColumn):
        """Pictures a second, over the last half minute."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:.1f}/s", style="progress.data.speed")

    return Progress(
        TextColumn("{task.description:<8}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        console=Terminal(stderr=True, no_color=not color),
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
