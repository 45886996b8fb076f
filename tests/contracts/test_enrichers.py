"""Every Enricher keeps its contract."""

from __future__ import annotations

import pytest

from indexer.embedding import Towers
from indexer.enrichment import Enricher
from indexer.missing_captions import MissingCaptions
from indexer.reindex import NewVectors
from tests.contracts.enricher import Enriched, EnricherContract, album
from tests.fakes import FakeCaptioner, FakeEncoder

__all__ = ["album"]  # fixture of EnricherContract


class TestMissingCaptions(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        return MissingCaptions(album.store, Towers(album.encoder, FakeCaptioner()))


class TestCaptionsOfAnotherLanguage(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        towers = Towers(album.encoder, FakeCaptioner(album.encoder), "zh")
        return MissingCaptions(album.store, towers)


class TestVectorsOfAnotherModel(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        other = FakeEncoder(name="other")
        return NewVectors(album.store, Towers(other, FakeCaptioner(other)))


class TestVectorsMadeAgain(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        return NewVectors(album.store, Towers(album.encoder, None), album.store.revision())
