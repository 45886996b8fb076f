"""Every Enricher keeps its contract."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from indexer.embedding import Towers
from indexer.enrichment import Enricher
from indexer.missing_captions import MissingCaptions
from indexer.missing_facts import MissingFacts
from indexer.reindex import NewVectors
from search.settings import Settings
from tests.contracts.enricher import Enriched, EnricherContract, album
from tests.fakes import FakeCaptioner, FakeEncoder

__all__ = ["album"]  # fixture of EnricherContract


def forget_facts(settings: Settings) -> None:
    """As an earlier version would have left it."""
    with closing(sqlite3.connect(settings.library / "catalog.db")) as database, database:
        database.execute("DELETE FROM attribute")


class TestMissingCaptions(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        return MissingCaptions(album.store, Towers(album.encoder, FakeCaptioner()))


class TestCaptionsOfAnotherLanguage(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        towers = Towers(album.encoder, FakeCaptioner(album.encoder), "zh")
        return MissingCaptions(album.store, towers)


class TestMissingFacts(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        forget_facts(album.settings)
        return MissingFacts(album.store)


class TestVectorsOfAnotherModel(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        other = FakeEncoder(name="other")
        return NewVectors(album.store, Towers(other, FakeCaptioner(other)))


class TestVectorsMadeAgain(EnricherContract):
    @pytest.fixture
    def enricher(self, album: Enriched) -> Enricher:
        return NewVectors(album.store, Towers(album.encoder, None), album.store.revision())
