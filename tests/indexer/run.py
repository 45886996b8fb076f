"""One ingest with fakes in a process of its own, to be killed: FOLDER LIBRARY [prune]."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from indexer.decoding import DecoderPool
from indexer.embedding import Towers
from indexer.ingest import ingest
from indexer.sources import sources_for
from search.jobs import IngestOptions
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeCaptioner, FakeEncoder


def main() -> None:
    folder, library, *flags = sys.argv[1:]
    settings = Settings(library=Path(library), workers=2, commit_images=8)
    encoder = FakeEncoder()
    captioner = FakeCaptioner(encoder)
    with Store.create(settings) as store:

        def open_towers() -> Towers:
            store.encoders.bind(encoder.info, captioner.name)
            return Towers(encoder, captioner)

        sources = sources_for(store, "default", [os.fsencode(folder)])
        options = IngestOptions(prune="prune" in flags)
        with DecoderPool.of(settings) as reader:
            report = ingest(store, sources, reader, open_towers, settings, options)
    print(json.dumps(asdict(report)))


if __name__ == "__main__":
    main()
