"""The FAISS index: exact, ordered, filtered; the same with and without selectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from search.index import GPU_MOST, FaissIndex
from search.records import Changes, Device, Ids, Vectors

DIM = 16
NOTHING = np.empty(0, np.int64)


def unit(n: int, seed: int) -> Vectors:
    """As the store gives them: numbers that half precision can hold."""
    v = np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    return v.astype(np.float16).astype(np.float32)


def added(ids: Ids, vectors: Vectors, removed: Ids = NOTHING) -> Changes:
    return Changes(1, ids, vectors, removed)


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
    ids, vectors = np.arange(100, 1100), unit(1000, 1)
    index = make(DIM)
    index.apply(added(ids, vectors))
    for query in unit(20, 2):
        scores, found = index.search(query, 10)
        assert found.tolist() == expected(ids, vectors, query, 10)
        assert scores == pytest.approx(sorted(vectors @ query)[:-11:-1], abs=1e-5)


def test_more_than_a_gpu_gives_at_once(make: Make) -> None:
    ids, vectors = np.arange(5000), unit(5000, 1)
    index = make(DIM)
    index.apply(added(ids, vectors))
    for k in (GPU_MOST, GPU_MOST + 1, 5000):
        scores, found = index.search(unit(1, 2)[0], k)
        assert len(found) == len(scores) == k
        assert found[:100].tolist() == expected(ids, vectors, unit(1, 2)[0], 100)
        assert (np.diff(scores) <= 0).all()


def test_equal_scores_are_ordered_by_id_wherever_the_cut_falls(make: Make) -> None:
    vectors = np.concatenate([unit(5, 3), np.repeat(unit(1, 4), 300, axis=0)])
    ids = np.random.default_rng(5).permutation(305).astype(np.int64)
    index = make(DIM)
    index.apply(added(ids, vectors))
    for k in (1, 7, 50, 299):
        assert index.search(vectors[-1], k)[1].tolist() == expected(ids, vectors, vectors[-1], k)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.95])
def test_a_filter_is_exact_and_never_gives_a_short_page(make: Make, share: float) -> None:
    ids, vectors = np.arange(2000), unit(2000, 6)
    index = make(DIM)
    index.apply(added(ids, vectors))
    keep = np.random.default_rng(7).random(2000) < share
    query = unit(1, 8)[0]
    found = index.search(query, 15, allowed=np.append(ids[keep], 99_999))[1]
    assert found.tolist() == expected(ids[keep], vectors[keep], query, 15)


def test_short_answers_are_not_padded(make: Make) -> None:
    index = make(DIM)
    assert len(index.search(unit(1, 1)[0], 10)[1]) == 0
    index.apply(added(np.array([7]), unit(1, 2)))
    assert index.search(unit(1, 1)[0], 10)[1].tolist() == [7]
    assert len(index.search(unit(1, 1)[0], 10, allowed=NOTHING)[1]) == 0


def test_a_followed_index_equals_a_fresh_one(make: Make) -> None:
    rng = np.random.default_rng(9)
    index, truth = make(DIM), {}
    for step in range(30):
        ids = rng.choice(500, 40, replace=False).astype(np.int64)
        vectors, gone = unit(40, 100 + step), rng.choice(500, 25, replace=False).astype(np.int64)
        gone = np.setdiff1d(gone, ids)
        index.apply(Changes(step, ids, vectors, gone))
        truth |= dict(zip(ids.tolist(), vectors, strict=True))
        for id_ in gone.tolist():
            truth.pop(id_, None)
    left = np.array(sorted(truth), np.int64)
    matrix = np.stack([truth[id_] for id_ in left.tolist()])
    assert len(index) == len(left)
    for query in unit(5, 10):
        assert index.search(query, 30)[1].tolist() == expected(left, matrix, query, 30)
    n, mean, covariance = index.moments()
    assert n == len(left)
    assert mean == pytest.approx(matrix.mean(0), abs=1e-4)
    assert covariance == pytest.approx(np.cov(matrix.T, bias=True), abs=1e-4)


def test_scores_are_missing_where_the_index_has_no_vector(make: Make) -> None:
    index = make(DIM)
    vectors = unit(2, 11)
    index.apply(added(np.array([1, 2]), vectors))
    scores = index.scores(vectors[0], np.array([2, 3, 1]))
    assert scores[2] == pytest.approx(float(vectors[0] @ vectors[0]), abs=1e-5)
    assert np.isnan(scores).tolist() == [False, True, False]
    assert index.vectors(np.array([2]))[0] == pytest.approx(vectors[1])
    with pytest.raises(KeyError):
        index.vectors(np.array([3]))
