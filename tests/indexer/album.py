"""A folder of pictures and the library that follows it, for the tests of the ingest."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from indexer.embedding import Towers
from indexer.enrichment import EnrichReport, enrich
from indexer.ingest import ingest
from indexer.interfaces import Reader
from indexer.missing_captions import MissingCaptions
from indexer.report import Silent
from indexer.sources import Source, sources_for, sources_of
from search.jobs import IngestOptions, IngestReport, Stage
from search.records import Failure, Filters, Preprocessing, Sort
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeCaptioner, FakeEncoder
from tests.pictures import write_picture
from tests.readers import InProcessReader


@dataclass
class Recorder(Silent):
    """A Reporter that remembers."""

    skips: list[Failure] = field(default_factory=list)
    links: list[bytes] = field(default_factory=list)
    stages: dict[Stage, tuple[int, int | None]] = field(default_factory=dict)

    def progress(self, stage: Stage, done: int, total: int | None, per_s: float) -> None:
        assert done >= self.stages.get(stage, (0, None))[0] or stage is Stage.SCAN
        assert per_s >= 0
        self.stages[stage] = (done, total)

    def skipped(self, failure: Failure) -> None:
        self.skips.append(failure)

    def not_followed(self, link: bytes) -> None:
        self.links.append(link)


class Album:
    """A folder of pictures and the library that follows it."""

    def __init__(self, store: Store, settings: Settings, folder: Path) -> None:
        self.store = store
        self.settings = settings
        self.folder = folder
        self.encoder = FakeEncoder()
        self.captioner: FakeCaptioner | None = FakeCaptioner(self.encoder)
        self.models_opened = 0
        self.recorder = Recorder()
        self.reader: Reader = InProcessReader(settings.max_megapixels * 1_000_000)

    def picture(self, name: str, seed: int) -> Path:
        return write_picture(self.folder / name, seed)

    def add(self, *paths: Path, **options: bool) -> IngestReport:
        given = [bytes(path) for path in paths or (self.folder,)]
        return self.run(sources_for(self.store, "default", given), **options)

    def sync(self, **options: bool) -> IngestReport:
        return self.run(sources_of(self.store), prune=True, **options)

    def sources_of(self, folders: Sequence[Path]) -> list[Source]:
        return sources_for(self.store, "default", [bytes(folder) for folder in folders])

    def run(self, sources: Sequence[Any], **options: bool) -> IngestReport:
        self.recorder = Recorder()
        report = ingest(
            self.store,
            sources,
            self.reader,
            self._open,
            self.settings,
            IngestOptions(**options),
            self.recorder,
        )
        parts = (report.added, report.updated, report.moved, report.duplicates)
        assert report.found == sum(parts) + report.unchanged + report.skipped
        assert len(self.recorder.skips) == report.skipped
        return report

    def caption(self, towers: Towers) -> EnrichReport:
        """As `indexer caption` does."""
        step = MissingCaptions(self.store, towers)
        return enrich(self.store, step, self.reader, self.settings)

    @property
    def views(self) -> tuple[Preprocessing, ...]:
        return Towers(self.encoder, None).wanted

    def _open(self) -> Towers:
        self.models_opened += 1
        return Towers(self.encoder, self.captioner)

    @property
    def images(self) -> dict[int, tuple[str, ...]]:
        """Image id -> its paths relative to the folder."""
        records, _ = self.store.images.page(Filters(), Sort.RELEVANCE, None, 1000)
        return {
            record.id: tuple(
                os.path.relpath(os.fsdecode(place.absolute), self.folder)
                for place in record.locations
            )
            for record in records
        }

    def id_of(self, name: str) -> int:
        return next(id_ for id_, paths in self.images.items() if name in paths)


def counts(report: IngestReport) -> dict[str, int]:
    """The counts that are not zero, but for `found` and parts of others."""
    other = ("found", "seconds", "refusals", "newly_skipped", "links")
    kept = {k: v for k, v in asdict(report).items() if k not in other}
    return {name: count for name, count in kept.items() if count}
