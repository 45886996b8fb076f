"""What a command says: JSON lines on stdout, or words for a person; progress on stderr."""

from __future__ import annotations

import json
import shlex
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

LABELS = {
    "download": "Fetching (MB)",
    "scan": "Scanning",
    "read": "Comparing",
    "embed": "Indexing",
    "caption": "Captioning",
    "facts": "Reading",
    "classify": "Classifying",
    "evaluate": "Searching",
}


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
        self._said_at: dict[str, float] = {}

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
            self.warn(text)

    def warn(self, text: str) -> None:
        """Something that is not as it should be; said also with --quiet."""
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
            if self._is_due(stage, STATUS_SECONDS) or done == total:
                self.line("status", stage=stage, done=done, total=total, per_s=round(per_s, 1))
        elif self._bars is not None:
            self._draw(self._bars, stage, done, total)
        elif not self._quiet and self._is_due(stage, LINE_SECONDS):
            click.echo(_progress_line(stage, done, total, per_s), err=True)

    def _draw(self, bars: Progress, stage: str, done: int, total: int | None) -> None:
        """One bar a stage; it begins again with the next folder."""
        if stage not in self._tasks:
            self._tasks[stage] = bars.add_task(LABELS.get(stage, stage), total=total)
        task = self._tasks[stage]
        if done < bars.tasks[task].completed:
            bars.reset(task)
        bars.update(task, completed=done, total=total)

    def _is_due(self, stage: str, seconds: float) -> bool:
        """Whether that long ago something was said of this stage, or it began."""
        now = time.monotonic()
        if now - self._said_at.setdefault(stage, now) < seconds:
            return False
        self._said_at[stage] = now
        return True


def printable(path: bytes) -> str:
    """A file's name as one harmless line: control characters and stray bytes are escaped."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def typed(path: bytes) -> str:
    """A file's name as one types it in a shell."""
    return shlex.quote(printable(path))


def _bars(color: bool) -> Progress:
    from rich.console import Console as Terminal
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class CountColumn(ProgressColumn):
        """How many are done; of how many, once that is known."""

        def render(self, task: Task) -> Text:
            of = "" if task.total is None else f" of {int(task.total):,}"
            return Text(f"{int(task.completed):,}{of}", style="progress.download")

    class RateColumn(ProgressColumn):
        """Pictures a second, over the last half minute."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:.1f}/s", style="progress.data.speed")

    return Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        CountColumn(),
        RateColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        console=Terminal(stderr=True, no_color=not color),
    )


def _progress_line(stage: str, done: int, total: int | None, per_s: float) -> str:
    of = "" if total is None else f" of {total:,}"
    left = "" if not total or not per_s else f", {_clock((total - done) / per_s)} left"
    pace = "" if done == total else f" ({per_s:.1f}/s{left})"
    return f"{LABELS.get(stage, stage)}: {done:,}{of}{pace}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
