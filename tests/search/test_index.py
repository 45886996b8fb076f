"""The FAISS index: exact, ordered, filtered; the same with and without selectors."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import pytest

from search.index import GPU_MOST, FaissIndex
from search.records import Device
from tests.contracts.index import DIM, IndexContract, Make, expected
from tests.vectors import changes, units


class GpuManners:
    """FAISS's flat index as a GPU has it: no selector is honoured, few neighbours come at once."""

    def __init__(self, dim: int) -> None:
        self._index = faiss.IndexFlatIP(dim)
        self.add = self._index.add
        self.reconstruct_batch = self._index.reconstruct_batch

    def search(self, query: Any, k: int, params: object = None) -> Any:
        if k > GPU_MOST:
            raise RuntimeError(f"a GPU gives {GPU_MOST} at most, not {k}")
        return self._index.search(query, k)


def with_gpu_manners(dim: int) -> FaissIndex:
    return FaissIndex(dim, Device("cuda:0", "test"), lambda dim, _: GpuManners(dim))


def on_gpu(dim: int) -> FaissIndex:
    if not (hasattr(faiss, "get_num_gpus") and faiss.get_num_gpus()):
        pytest.skip("FAISS sees no GPU")
    return FaissIndex(dim, Device("cuda:0", "test"))


@pytest.fixture(params=[FaissIndex, with_gpu_manners, pytest.param(on_gpu, marks=pytest.mark.gpu)])
def make(request: pytest.FixtureRequest) -> Make:
    make: Make = request.param
    return make


class TestFaissIndex(IndexContract):
    pass


def test_more_than_a_gpu_gives_at_once(make: Make) -> None:
    ids, vectors = np.arange(5000), units(5000, DIM, 1)
    index = make(DIM)
    index.apply(changes(ids, vectors))
    query = units(1, DIM, 2)[0]
    for k in (GPU_MOST, GPU_MOST + 1, 5000):
        scores, found = index.search(query, k)
        assert len(found) == len(scores) == k
        assert found[:100].tolist() == expected(ids, vectors, query, 100)
        assert (np.diff(scores) <= 0).all()
