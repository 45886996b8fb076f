"""The ingest keeps its contract over each kind of source, with a captioner and without."""

from __future__ import annotations

import pytest

from indexer.embedding import Towers
from indexer.sources import FileSource, FolderSource
from tests.contracts.ingest import IngestContract
from tests.contracts.source import Make
from tests.fakes import FakeCaptioner, FakeEncoder, WordEncoder


class TestOverAFolder(IngestContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda root, paths: FolderSource(root)

    @pytest.fixture
    def towers(self) -> Towers:
        encoder = FakeEncoder()
        return Towers(encoder, FakeCaptioner(encoder))


class TestOverNamedFiles(IngestContract):
    @pytest.fixture
    def make(self) -> Make:
        return FileSource

    @pytest.fixture
    def towers(self) -> Towers:
        return Towers(WordEncoder(), None)
