"""All decoders keep the contract: in this process, in processes apart, and behind a limit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from indexer.decoding import Limits, PoolDecoder
from search.images import LocalDecoder
from search.interfaces import Decoder
from tests.contracts.decoder import MAX_PIXELS, DecoderContract
from web.admission import LimitedDecoder


class TestLocalDecoder(DecoderContract):
    @pytest.fixture
    def decoder(self) -> Decoder:
        return LocalDecoder(MAX_PIXELS)


class TestLimitedDecoder(DecoderContract):
    @pytest.fixture
    def decoder(self) -> Decoder:
        return LimitedDecoder(LocalDecoder(MAX_PIXELS))


@pytest.fixture(scope="module")
def pool() -> Iterator[PoolDecoder]:
    with closing(PoolDecoder(2, Limits(MAX_PIXELS, seconds=30, memory_bytes=4 << 30))) as pool:
        yield pool


class TestPoolDecoder(DecoderContract):
    @pytest.fixture
    def decoder(self, pool: PoolDecoder) -> Decoder:
        return pool
