"""`indexer classify`: sort the pictures of a folder by labels."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from search.errors import explained
from search.records import Failure
from search.shapes.library import failure_json
from search.shapes.values import path_json
from search.words import counted

from ..console import Console, printable
from ..labels import read_labels
from ..loose_pictures import pictures_at
from ..options import Options, model_options, paths_type, shared
from ..outcome import SKIPPED
from ..written_files import new_file

if TYPE_CHECKING:
    from ..classification import Classified

NONE = "none of these"
FIELDS = ("file", "label", "probability", "score", "relevance", "id")
SHOWN = 12  # labels that the last sentence counts at most


@click.command("classify")
@click.argument("paths", metavar="PATH|FOLDER...", nargs=-1, required=True, type=paths_type)
@click.option("--labels", help="What the pictures may show, with commas between.")
@click.option(
    "--labels-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The same as a text file, one label a line; # begins a comment.",
)
@click.option(
    "--csv",
    "table",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a table with one row a picture to this file.",
)
@model_options
@shared
def command(
    options: Options,
    paths: tuple[bytes, ...],
    labels: str | None,
    labels_file: Path | None,
    table: Path | None,
) -> None:
    """Sort pictures by labels of yours, in English or Chinese, without any training.

    \b
    indexer classify --labels cat,dog,horse ~/Pictures/animals
    indexer classify --labels-file kinds.txt --csv kinds.csv ~/Pictures
    indexer classify --labels 猫，狗 photo.jpg --json

    A picture gets the likeliest of the labels that are relevant to it, or "none of these". The
    pictures need not be in the library, and nothing is written to them or to it.
    """
    chosen = read_labels(labels, labels_file)
    with (
        new_file(table, options.library, labels_file) as file,
        options.console().progress() as console,
    ):
        tally = _Tally(console, file)
        _classify(options, paths, chosen, tally)
    tally.end()
    raise SystemExit(SKIPPED if tally.skipped else 0)


def _classify(
    options: Options, paths: Sequence[bytes], labels: Sequence[str], tally: _Tally
) -> None:
    from search.bootstrap import open_engine
    from search.zeroshot import Classes, label_vectors

    from ..classification import classify
    from ..decoding import DecoderPool

    settings = options.settings()
    pictures, failures = pictures_at(paths, settings.library / "thumbs")
    with DecoderPool.of(settings) as reader, closing(open_engine(settings)) as engine:
        model = engine.model
        classes = Classes.of(model, labels, label_vectors(model.encoder, labels))
        tally.begin(len(pictures))
        tally.take(failures)
        for some in classify(engine.store, model, classes, pictures, reader, settings):
            tally.take(some)


class _Tally:
    """Says what each picture is, and counts."""

    def __init__(self, console: Console, file: TextIO | None) -> None:
        self._console = console
        self._rows = csv.writer(file) if file else None
        self._labels: Counter[str | None] = Counter()
        self._total = 0
        self._began = time.monotonic()
        self.skipped = 0
        if self._rows:
            self._rows.writerow(FIELDS)

    @property
    def _seconds(self) -> float:
        return max(time.monotonic() - self._began, 1e-6)

    def begin(self, total: int) -> None:
        self._total, self._began = total, time.monotonic()

    def take(self, some: Sequence[Classified | Failure]) -> None:
        for each in some:
            if isinstance(each, Failure):
                self._skip(each)
            else:
                self._say(each)
        done = self._labels.total() + self.skipped
        self._console.advance("classify", done, max(self._total, done), done / self._seconds)

    def end(self) -> None:
        counts = dict(self._labels.most_common())
        none = counts.pop(None, 0)
        self._console.summary(
            classified=sum(counts.values()),
            none=none,
            skipped=self.skipped,
            labels=counts,
            seconds=round(self._seconds, 2),
        )
        found = f"{counted(self._labels.total(), 'picture')} in {self._seconds:.1f} s"
        shown = [f"{label} {count:,}" for label, count in [*counts.items()][:SHOWN]]
        shown += [f"{len(counts) - SHOWN} further labels"] if len(counts) > SHOWN else []
        shown += [f"{NONE} {none:,}"] if none else []
        skipped = f" {counted(self.skipped, 'file')} could not be read." if self.skipped else ""
        self._console.note(f"{found}: {', '.join(shown) or 'nothing to sort'}.{skipped}")

    def _say(self, each: Classified) -> None:
        line = _line(each)
        self._labels[line["label"]] += 1
        self._console.line("file", **path_json(each.path), **line)
        if self._rows:
            at = path_json(each.path)["path"]
            self._rows.writerow([at, *(line[name] for name in FIELDS[1:])])
        chance = f"{each.label.probability:.2f}" if each.label else "    "
        self._console.say(f"{chance}  {line['label'] or NONE:<16}  {printable(each.path)}")

    def _skip(self, failure: Failure) -> None:
        self.skipped += 1
        self._console.line("file", **failure_json(failure))
        why = explained(failure.reason, failure.detail)
        self._console.warn(f"skipped {printable(failure.path)}: {why}")


def _line(each: Classified) -> dict[str, Any]:
    found = each.label
    return {
        "label": found.text if found else None,
        "probability": found.probability if found else None,
        "score": found.score if found else None,
        "relevance": found.relevance.value if found else "none",
        "id": each.image_id,
    }
