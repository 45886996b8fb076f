"""Every Embedder keeps its contract."""

from __future__ import annotations

import pytest

from indexer.embedding import Towers
from indexer.interfaces import Embedder
from tests.contracts.embedder import EmbedderContract, pictures
from tests.embedders import BrightnessEmbedder
from tests.fakes import FakeCaptioner, FakeEncoder

__all__ = ["pictures"]  # fixture of EmbedderContract


class TestTowersThatShareTheirView(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        encoder = FakeEncoder()
        return Towers(encoder, FakeCaptioner(encoder), batch_size=8)


class TestTowersWithAViewEach(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return Towers(FakeEncoder(), FakeCaptioner(FakeEncoder(size=12)))


class TestBrightnessEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return BrightnessEmbedder()
