"""The FAISS index: exact, ordered, filtered; the same with and without selectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from search.index import GPU_MOST, FaissIndex
from search.records import Device, Ids, Vectors
from tests.vectors import NOTHING, changes, units

DIM = 16


class Unselective(FaissIndex):
    """A GPU's manners on the CPU: the index honours no selector."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self.selects = False

    def _fetch(self, vector: Vectors, k: int, usable: NDArray[np.bool_]) -> tuple[Vectors, Ids]:
        assert k <= GPU_MOST
        return super()._fetch(vector, k, usable)


def on_gpu(dim: int) -> FaissIndex:
    import faiss

    if not (hasattr(faiss, "get_num_gpus") and faiss.get_num_gpus()):
        pytest.skip("FAISS sees no GPU")
    return FaissIndex(dim, Device("cuda:0", "test"))


Make = Callable[[int], FaissIndex]


@pytest.fixture(params=[FaissIndex, Unselective, pytest.param(on_gpu, marks=pytest.mark.gpu)])
def make(request: pytest.FixtureRequest) -> Make:
    make: Make = request.param
    return make


def expected(ids: Ids, vectors: Vectors, query: Vectors, k: int) -> list[int]:
    scores = (vectors.astype(np.float64) * query).sum(1).astype(np.float32)
    return [int(ids[i]) for i in np.lexsort((ids, -scores))[:k]]


def test_answers_equal_a_full_sort(make: Make) -> None:
    ids, vectors = np.arange(100, 1100), units(1000, DIM, 1)
    index = make(DIM)
    index.apply(changes(ids, vectors))
    for query in units(20, DIM, 2):
        scores, found = index.search(query, 10)
        assert found.tolist() == expected(ids, vectors, query, 10)
        assert scores == pytest.approx(sorted(vectors @ query)[:-11:-1], abs=1e-5)


def test_more_than_a_gpu_gives_at_once(make: Make) -> None:
    ids, vectors = np.arange(5000), units(5000, DIM, 1)
    index = make(DIM)
    index.apply(changes(ids, vectors))
    for k in (GPU_MOST, GPU_MOST + 1, 5000):
        scores, found = index.search(units(1, DIM, 2)[0], k)
        assert len(found) == len(scores) == k
        assert found[:100].tolist() == expected(ids, vectors, units(1, DIM, 2)[0], 100)
        assert (np.diff(scores) <= 0).all()


def test_equal_scores_are_ordered_by_id_wherever_the_cut_falls(make: Make) -> None:
    vectors = np.concatenate([units(5, DIM, 3), np.repeat(units(1, DIM, 4), 300, axis=0)])
    ids = np.random.default_rng(5).permutation(305).astype(np.int64)
    index = make(DIM)
    index.apply(changes(ids, vectors))
    for k in (1, 7, 50, 299):
        assert index.search(vectors[-1], k)[1].tolist() == expected(ids, vectors, vectors[-1], k)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.95])
def test_a_filter_is_exact_and_never_gives_a_short_page(make: Make, share: float) -> None:
    ids, vectors = np.arange(2000), units(2000, DIM, 6)
    index = make(DIM)
    index.apply(changes(ids, vectors))
    keep = np.random.default_rng(7).random(2000) < share
    query = units(1, DIM, 8)[0]
    found = index.search(query, 15, allowed=np.append(ids[keep], 99_999))[1]
    assert found.tolist() == expected(ids[keep], vectors[keep], query, 15)


def test_short_answers_are_not_pchanges(make: Make) -> None:
    index = make(DIM)
    assert len(index.search(units(1, DIM, 1)[0], 10)[1]) == 0
    index.apply(changes([7], units(1, DIM, 2)))
    assert index.search(units(1, DIM, 1)[0], 10)[1].tolist() == [7]
    assert len(index.search(units(1, DIM, 1)[0], 10, allowed=NOTHING)[1]) == 0


def test_a_followed_index_equals_a_fresh_one(make: Make) -> None:
    rng = np.random.default_rng(9)
    index, truth = make(DIM), {}
    for step in range(30):
        ids = rng.choice(500, 40, replace=False).astype(np.int64)
        vectors, gone = (
            units(40, DIM, 100 + step),
            rng.choice(500, 25, replace=False).astype(np.int64),
        )
        gone = np.setdiff1d(gone, ids)
        index.apply(changes(ids, vectors, gone, step))
        truth |= dict(zip(ids.tolist(), vectors, strict=True))
        for id_ in gone.tolist():
            truth.pop(id_, None)
    left = np.array(sorted(truth), np.int64)
    matrix = np.stack([truth[id_] for id_ in left.tolist()])
    assert len(index) == len(left)
    for query in units(5, DIM, 10):
        assert index.search(query, 30)[1].tolist() == expected(left, matrix, query, 30)
    n, mean, covariance = index.moments()
    assert n == len(left)
    assert mean == pytest.approx(matrix.mean(0), abs=1e-4)
    assert covariance == pytest.approx(np.cov(matrix.T, bias=True), abs=1e-4)


def test_scores_are_missing_where_the_index_has_no_vector(make: Make) -> None:
    index = make(DIM)
    vectors = units(2, DIM, 11)
    index.apply(changes([1, 2], vectors))
    scores = index.scores(vectors[0], np.array([2, 3, 1]))
    assert scores[2] == pytest.approx(float(vectors[0] @ vectors[0]), abs=1e-5)
    assert np.isnan(scores).tolist() == [False, True, False]
    assert index.vectors(np.array([2]))[0] == pytest.approx(vectors[1])
    with pytest.raises(KeyError):
        index.vectors(np.array([3]))
