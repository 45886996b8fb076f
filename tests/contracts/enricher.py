"""What every Enricher does. A test class inherits this and gives `enricher`, over the five pictures
of `album`, none of which has what it gives; it makes something of each of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.embedding import Towers
from indexer.enrichment import Enricher, EnrichReport, Pictures, enrich
from indexer.ingest import ingest
from indexer.sources import sources_for
from search.records import ImageRecord
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeEncoder
from tests.pictures import write_picture
from tests.readers import InProcessReader

COUNT = 5


@dataclass
class Enriched:
    """A library that lacks something, and the folder that it follows."""

    store: Store
    settings: Settings
    folder: Path
    encoder: FakeEncoder

    def run(self, enricher: Enricher) -> EnrichReport:
        one_by_one = self.settings.model_copy(update={"commit_images": 1})
        return enrich(self.store, enricher, InProcessReader(), one_by_one)


@pytest.fixture
def album(store: Store, settings: Settings, tmp_path: Path) -> Enriched:
    """Five pictures, with vectors and without captions."""
    folder = tmp_path / "album"
    for seed in range(COUNT):
        write_picture(folder / f"{seed}.png", seed)
    encoder = FakeEncoder()
    store.encoders.bind(encoder.info, None)
    sources = sources_for(store, "default", [os.fsencode(folder)])
    ingest(store, sources, InProcessReader(), lambda: Towers(encoder, None), settings)
    return Enriched(store, settings, folder, encoder)


class Tiring:
    """An Enricher that is interrupted after so many batches."""

    def __init__(self, enricher: Enricher, after: int) -> None:
        self._enricher = enricher
        self._left = after
        self.stage, self.wanted = enricher.stage, enricher.wanted
        self.missing = enricher.missing

    def enrich(self, pictures: Pictures) -> list[tuple[ImageRecord, str]]:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return self._enricher.enrich(pictures)


class EnricherContract:
    def test_it_names_what_is_missing_page_by_page(
        self, enricher: Enricher, album: Enriched
    ) -> None:
        ids = enricher.missing()
        assert ids == sorted(set(ids))
        assert len(ids) == COUNT
        assert enricher.missing(ids[1], 2) == ids[2:4]
        assert enricher.missing(limit=1) == ids[:1]
        assert enricher.missing(ids[-1]) == []

    def test_what_it_has_made_is_missing_no_more_and_a_second_run_does_nothing(
        self, enricher: Enricher, album: Enriched
    ) -> None:
        assert album.run(enricher) == EnrichReport(COUNT, 0)
        assert enricher.missing() == []
        assert list(album.store.integrity.problems(deep=True)) == []
        before = album.store.revision()
        assert album.run(enricher) == EnrichReport(0, 0)
        assert album.store.revision() == before

    def test_an_interrupted_run_is_gone_on_with(self, enricher: Enricher, album: Enriched) -> None:
        with pytest.raises(KeyboardInterrupt):
            album.run(Tiring(enricher, after=2))
        assert len(enricher.missing()) == COUNT - 2
        assert album.run(enricher) == EnrichReport(COUNT - 2, 0)

    def test_a_picture_that_cannot_be_read_costs_no_other_and_stays_missing(
        self, enricher: Enricher, album: Enriched
    ) -> None:
        (album.folder / "1.png").rename(album.folder.parent / "1.png")
        assert album.run(enricher) == EnrichReport(COUNT - 1, 1, newly_failed=1)
        (left,) = enricher.missing()
        (failure,) = album.store.failures.all()
        assert failure.path == bytes(album.folder / "1.png")
        assert album.run(enricher) == EnrichReport(0, 1)
        (album.folder.parent / "1.png").rename(album.folder / "1.png")
        assert album.run(enricher) == EnrichReport(1, 0)
        assert left not in enricher.missing()
        assert album.store.failures.all() == []
