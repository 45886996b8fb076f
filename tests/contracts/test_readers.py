"""Every Reader keeps its contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer.decoding import DecoderPool, Limits
from indexer.interfaces import Reader
from search.settings import Settings
from tests.contracts.reader import ReaderContract
from tests.readers import InProcessReader


class TestDecoderPool(ReaderContract):
    @pytest.fixture
    def reader(self, settings: Settings) -> Iterator[Reader]:
        with DecoderPool(2, Limits.for_files(settings)) as pool:
            yield pool


class TestInProcessReader(ReaderContract):
    @pytest.fixture
    def reader(self) -> Reader:
        return InProcessReader()
