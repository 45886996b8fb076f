"""A library of real files, indexed by the real ingest with fake towers."""

from __future__ import annotations

from pathlib import Path

from indexer.embedding import Towers
from indexer.ingest import ingest
from indexer.sources import sources_for
from search.jobs import IngestReport
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeCaptioner, FakeEncoder
from tests.readers import InProcessReader


def index(settings: Settings, *paths: Path, collection: str = "default") -> IngestReport:
    """As `indexer add` does; the commands that need no model then go on with the library."""
    encoder = FakeEncoder()
    captioner = FakeCaptioner(encoder)
    with Store.create(settings) as store:

        def open_towers() -> Towers:
            store.encoders.bind(encoder.info, captioner.name)
            return Towers(encoder, captioner)

        sources = sources_for(store, collection, [bytes(path) for path in paths])
        return ingest(store, sources, InProcessReader(), open_towers, settings)
