"""All decoders keep the contract: in this process, in processes apart, and behind the gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from indexer.decoding import Limits, PoolDecoder
from search.images import LocalDecoder
from search.interfaces import Decoder
from tests.contracts.decoder import MAX_PIXELS, DecoderContract
from web.gate import GatedDecoder


class TestLocalDecoder(DecoderContract):
    @pytest.fixture
    def decoder(self) -> Decoder:
        return LocalDecoder(MAX_PIXELS)


class TestGatedDecoder(DecoderContract):
    @pytest.fixture
    def decoder(self) -> Decoder:
        return GatedDecoder(LocalDecoder(MAX_PIXELS))


@pytest.fixture(scope="module")
def pool() -> Iterator[PoolDecoder]:
    with closing(PoolDecoder(2, Limits(MAX_PIXELS, seconds=30, memory_bytes=4 << 30))) as pool:
        yield pool


class TestPoolDecoder(DecoderContract):
    @pytest.fixture
    def decoder(self, pool: PoolDecoder) -> Decoder:
        return pool
