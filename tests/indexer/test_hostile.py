"""The corpus of broken and odd pictures, in one `add`: each file ends as its manifest says."""

from __future__ import annotations

import csv
import re
import tarfile
from pathlib import Path

import pytest

from indexer.embedding import Towers
from indexer.pipeline import ingest
from indexer.report import Silent
from indexer.sources import sources_for
from search.details import own
from search.records import Failure, Filters, Sort
from search.settings import Settings
from search.store import Store
from tests.fakes import FakeCaptioner, FakeEncoder

CORPUS = Path(__file__).parents[3] / "shared" / "data" / "badimages.tar"

pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason=f"the corpus is not here ({CORPUS.name} beside the repository)"
)


class Skips(Silent):
    def __init__(self) -> None:
        self.reasons: dict[bytes, str] = {}

    def skipped(self, failure: Failure) -> None:
        assert failure.detail == own(failure.detail), failure
        self.reasons[failure.path] = f"skip:{failure.reason.value}"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    with tarfile.open(CORPUS) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.rglob("manifest.csv")).parent


@pytest.fixture(scope="module")
def outcome(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bytes, str]:
    """Absolute path -> "index" or "skip:REASON", after one run over everything."""
    settings = Settings(library=tmp_path_factory.mktemp("library"))
    encoder, skips = FakeEncoder(), Skips()
    with Store.create(settings) as store:
        report = ingest(
            store,
            sources_for(store, "default", [bytes(corpus / "files")]),
            lambda: Towers(encoder, FakeCaptioner(encoder)),
            settings,
            reporter=skips,
        )
        records, _ = store.page(Filters(), Sort.RELEVANCE, None, 10_000)
        indexed = {place.absolute: "index" for record in records for place in record.locations}
    assert not indexed.keys() & skips.reasons.keys()
    assert report.found == len(indexed) + len(skips.reasons)
    assert report.found == report.added + report.duplicates + report.skipped
    return indexed | skips.reasons


def test_every_file_ends_as_the_manifest_says(corpus: Path, outcome: dict[bytes, str]) -> None:
    rows = list(csv.DictReader((corpus / "manifest.csv").open(encoding="utf-8")))
    assert len(outcome) == len(rows)
    wrong = []
    for row in rows:
        got = outcome[bytes(corpus / row["path"])]
        if not row["verdict"].startswith("either:") and got not in _right(row):
            wrong.append((row["path"], row["verdict"], got))
    assert wrong == []


def _right(row: dict[str, str]) -> set[str]:
    others = re.search(r"alt=([\w:,]+)", row["note"])
    return {row["verdict"], *(others[1].split(",") if others else ())}
