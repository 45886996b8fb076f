"""The ingest keeps its contract over each kind of source, of reader and of embedder."""

from __future__ import annotations

import pytest

from indexer.embedding import Towers
from indexer.interfaces import Embedder, Reader
from indexer.sources import FileSource, FolderSource
from tests.contracts.ingest import IngestContract
from tests.contracts.source import Make
from tests.embedders import BrightnessEmbedder
from tests.fakes import FakeCaptioner, FakeEncoder, WordEncoder
from tests.readers import InProcessReader


class TestOverAFolder(IngestContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda root, paths: FolderSource(root)

    @pytest.fixture
    def embedder(self) -> Embedder:
        encoder = FakeEncoder()
        return Towers(encoder, FakeCaptioner(encoder))


class TestOverNamedFiles(IngestContract):
    @pytest.fixture
    def make(self) -> Make:
        return FileSource

    @pytest.fixture
    def embedder(self) -> Embedder:
        return Towers(WordEncoder(), None)


class TestWithoutProcessesAndTowers(IngestContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda root, paths: FolderSource(root)

    @pytest.fixture
    def reader(self) -> Reader:
        return InProcessReader()

    @pytest.fixture
    def embedder(self) -> Embedder:
        return BrightnessEmbedder()
