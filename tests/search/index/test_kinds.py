"""Every kind of index passes one contract: the program's own, and two that tests bring along."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import pytest

from search.index import RowIndex, open_index
from search.index.candidates import cuda
from tests.contracts.index import DIM, IndexContract, Make, check_answer, check_found, expected
from tests.kinds import CoarseCandidates, NumpyCandidates
from tests.vectors import changes, units


class GpuManners:
    """FAISS's flat index as a GPU has it: no selector is honoured, few neighbours come at once."""

    def __init__(self, dim: int) -> None:
        self._index = faiss.IndexFlatIP(dim)
        self.add = self._index.add

    def search(self, query: Any, k: int) -> Any:
        if k > cuda.MOST:
            raise RuntimeError(f"a GPU gives {cuda.MOST} at most, not {k}")
        return self._index.search(query, k)


def flat(dim: int) -> RowIndex:
    return open_index("faiss:flat", dim)


def with_gpu_manners(dim: int) -> RowIndex:
    return RowIndex(dim, cuda.CudaCandidates(dim, GpuManners))


def on_gpu(dim: int) -> RowIndex:
    if not cuda.gpus():
        pytest.skip("FAISS sees no GPU")
    return open_index("faiss:cuda:0", dim)


def by_numpy(dim: int) -> RowIndex:
    return RowIndex(dim, NumpyCandidates())


def coarse(dim: int) -> RowIndex:
    return RowIndex(dim, CoarseCandidates())


def coarse_and_few(dim: int) -> RowIndex:
    return RowIndex(dim, CoarseCandidates(at_most=100))


@pytest.fixture(
    params=[
        flat,
        with_gpu_manners,
        pytest.param(on_gpu, marks=pytest.mark.gpu),
        by_numpy,
        coarse,
        coarse_and_few,
    ]
)
def make(request: pytest.FixtureRequest) -> Make:
    make: Make = request.param
    return make


class TestKinds(IndexContract):
    pass


def test_more_than_a_gpu_gives_at_once(make: Make) -> None:
    ids, vectors = np.arange(5000), units(5000, DIM, 1)
    index = make(DIM)
    index.apply(changes(ids, vectors))
    query = units(1, DIM, 2)[0]
    for k in (cuda.MOST, cuda.MOST + 1, 5000):
        scores, found = index.search(query, k)
        assert len(found) == len(scores) == k
        assert (np.diff(scores) <= 0).all()
        if index.exact:
            assert found[:100].tolist() == expected(ids, vectors, query, 100)


class Late(NumpyCandidates):
    """It has heard of nothing since its first changes."""

    def apply(self, changes: Any, rows: Any) -> None:
        if not self.revision:
            super().apply(changes, rows)


def test_an_answer_about_another_state_is_not_taken() -> None:
    ids, vectors = np.arange(300), units(300, DIM, 3)
    index = RowIndex(DIM, Late())
    index.apply(changes(ids[:200], vectors[:200]))
    index.apply(changes(ids[200:], vectors[200:], removed=ids[:100], revision=2))
    for query in units(5, DIM, 4):
        check_answer(index, query, 10, ids[100:], vectors[100:])
    allowed = ids[ids % 2 == 0]
    answer = index.search(vectors[0], 10, allowed)
    check_found(index, answer, vectors[0], 10, allowed[allowed >= 100], vectors[100::2])


def test_an_approximate_kind_says_that_it_is_one() -> None:
    assert [make(DIM).exact for make in (flat, with_gpu_manners, by_numpy, coarse)] == [1, 1, 1, 0]


def test_candidates_are_scored_again_exactly_and_what_is_gone_is_dropped() -> None:
    """Without our rows this kind gives what was removed, what is filtered out, and rough scores."""
    ids, vectors = np.arange(400), units(400, DIM, 5)
    index = RowIndex(DIM, CoarseCandidates())
    index.apply(changes(ids, vectors))
    index.apply(changes([], vectors[:0], removed=ids[:30], revision=2))
    index.apply(changes(ids[30:60], vectors[:30], revision=3))  # other vectors for the same ids
    held = np.concatenate([vectors[:30], vectors[60:]])
    for query in vectors[:40]:
        check_answer(index, query, 20, ids[30:], held)
    allowed = ids[30::3]
    check_found(index, index.search(vectors[0], 20, allowed), vectors[0], 20, allowed, held[::3])


class Full(GpuManners):
    """Has no memory left in the middle of its second change."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self.add = self._add

    def _add(self, vectors: Any) -> None:
        self._index.add(vectors)
        if self._index.ntotal == 250:
            raise RuntimeError("out of memory")


def test_a_gpu_that_took_half_of_a_change_is_filled_again() -> None:
    ids, vectors = np.arange(300), units(300, DIM, 7)
    index = RowIndex(DIM, cuda.CudaCandidates(DIM, Full))
    index.apply(changes(ids[:200], vectors[:200]))
    with pytest.raises(RuntimeError, match="memory"):
        index.apply(changes(ids[200:250], vectors[200:250], revision=2))
    check_answer(index, vectors[220], 10, ids[:200], vectors[:200])
    index.apply(changes(ids[200:], vectors[200:], revision=2))
    check_answer(index, vectors[220], 10, ids, vectors)
