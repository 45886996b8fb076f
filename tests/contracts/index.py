"""What every kind of index does. A test class inherits this and gives `make`: dimensions -> index.

Vectors are as the store gives them: of unit length, in numbers that half precision can hold. A kind
that is not exact may miss a neighbour, and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from search.interfaces import VectorIndex
from search.records import Ids, Vectors
from tests.vectors import NOTHING, changes, units

Make = Callable[[int], VectorIndex]
DIM = 16
RECALL = 0.7  # at the least, of a kind that is not exact


def expected(ids: Ids, vectors: Vectors, query: Vectors, k: int) -> list[int]:
    """The answer by a full sort: best first, equal scores by id."""
    scores = (vectors.astype(np.float64) * query).sum(1).astype(np.float32)
    return [int(ids[i]) for i in np.lexsort((ids, -scores))[:k]]


def check_answer(index: VectorIndex, query: Vectors, k: int, ids: Ids, vectors: Vectors) -> None:
    """`ids` and `vectors`: all that the index holds."""
    check_found(index, index.search(query, k), query, k, ids, vectors)


def check_found(
    index: VectorIndex,
    answer: tuple[Vectors, Ids],
    query: Vectors,
    k: int,
    ids: Ids,
    vectors: Vectors,
) -> None:
    """`ids` and `vectors`: all that may be given."""
    scores, found = answer
    best = expected(ids, vectors, query, k)
    if index.exact:
        assert found.tolist() == best
    where = dict(zip(ids.tolist(), vectors, strict=True))
    true = [float(where[id_] @ query) for id_ in found.tolist()]
    assert scores == pytest.approx(true, abs=1e-5)
    assert np.lexsort((found, -scores)).tolist() == list(range(len(found)))
    assert len(set(found.tolist())) == len(found) == len(best)
    assert len(set(found.tolist()) & set(best)) >= RECALL * len(best)


class IndexContract:
    # searching

    def test_answers_equal_a_full_sort(self, make: Make) -> None:
        ids, vectors = np.arange(100, 1100), units(1000, DIM, 1)
        index = make(DIM)
        index.apply(changes(ids, vectors))
        for query in units(20, DIM, 2):
            check_answer(index, query, 10, ids, vectors)

    def test_equal_scores_are_ordered_by_id_wherever_the_cut_falls(self, make: Make) -> None:
        vectors = np.concatenate([units(5, DIM, 3), np.repeat(units(1, DIM, 4), 300, axis=0)])
        ids = np.random.default_rng(5).permutation(305).astype(np.int64)
        index = make(DIM)
        index.apply(changes(ids, vectors))
        for k in (1, 7, 50, 299):
            if index.exact:
                found = index.search(vectors[-1], k)[1]
                assert found.tolist() == expected(ids, vectors, vectors[-1], k)

    def test_short_answers_are_not_padded(self, make: Make) -> None:
        index = make(DIM)
        query = units(1, DIM, 1)[0]
        assert [len(part) for part in index.search(query, 10)] == [0, 0]
        index.apply(changes([7], units(1, DIM, 2)))
        assert index.search(query, 10)[1].tolist() == [7]
        assert [len(part) for part in index.search(query, 10)] == [1, 1]

    @pytest.mark.parametrize("share", [0.01, 0.3, 0.95])
    def test_a_filter_is_exact_and_never_gives_a_short_page(self, make: Make, share: float) -> None:
        ids, vectors = np.arange(2000), units(2000, DIM, 6)
        index = make(DIM)
        index.apply(changes(ids, vectors))
        keep = np.random.default_rng(7).random(2000) < share
        query = units(1, DIM, 8)[0]
        answer = index.search(query, 15, allowed=np.append(ids[keep], 99_999))
        check_found(index, answer, query, 15, ids[keep], vectors[keep])

    def test_a_filter_that_lets_nothing_pass_gives_nothing(self, make: Make) -> None:
        index = make(DIM)
        index.apply(changes([7], units(1, DIM, 2)))
        for allowed in (NOTHING, np.array([8])):
            assert len(index.search(units(1, DIM, 1)[0], 10, allowed=allowed)[1]) == 0

    # following

    def test_a_vector_that_comes_again_replaces_the_old_one(self, make: Make) -> None:
        before, after = units(2, DIM, 12)
        index = make(DIM)
        index.apply(changes([3], before[None]))
        index.apply(changes([3], after[None], revision=2))
        assert len(index) == 1
        assert index.vectors(np.array([3]))[0] == pytest.approx(after)
        assert index.search(after, 5)[1].tolist() == [3]

    def test_removals_come_before_additions(self, make: Make) -> None:
        before, after = units(2, DIM, 13)
        index = make(DIM)
        index.apply(changes([3], before[None]))
        index.apply(changes([3], after[None], removed=[3], revision=2))
        assert index.vectors(np.array([3]))[0] == pytest.approx(after)

    def test_removing_what_was_never_there_changes_nothing(self, make: Make) -> None:
        vectors = units(2, DIM, 14)
        index = make(DIM)
        index.apply(changes(NOTHING, vectors[:0], removed=[1, 2]))
        index.apply(changes([1, 2], vectors, removed=[99], revision=2))
        assert len(index) == 2
        assert index.search(vectors[0], 5)[1].tolist()[0] == 1

    def test_a_followed_index_equals_a_fresh_one(self, make: Make) -> None:
        rng = np.random.default_rng(9)
        index, truth = make(DIM), {}
        for step in range(30):
            ids = rng.choice(500, 40, replace=False).astype(np.int64)
            vectors = units(40, DIM, 100 + step)
            gone = np.setdiff1d(rng.choice(500, 25, replace=False).astype(np.int64), ids)
            index.apply(changes(ids, vectors, gone, step))
            truth |= dict(zip(ids.tolist(), vectors, strict=True))
            for id_ in gone.tolist():
                truth.pop(id_, None)
        left = np.array(sorted(truth), np.int64)
        matrix = np.stack([truth[id_] for id_ in left.tolist()])
        assert len(index) == len(left)
        assert index.ids().tolist() == left.tolist()
        for query in units(5, DIM, 10):
            check_answer(index, query, 30, left, matrix)
        check_moments(index, matrix)

    def test_whoever_searches_meanwhile_sees_a_change_whole_or_not_at_all(self, make: Make) -> None:
        vectors = units(400, DIM, 15)
        odd, even = np.arange(1, 400, 2), np.arange(0, 400, 2)
        index = make(DIM)
        index.apply(changes(odd, vectors[odd]))
        done = threading.Event()

        def swap() -> None:
            for step in range(60):
                come, go = (even, odd) if step % 2 == 0 else (odd, even)
                index.apply(changes(come, vectors[come], go, step + 2))
            done.set()

        swapping = threading.Thread(target=swap)
        swapping.start()
        seen = []
        while not done.is_set():
            seen.append(index.search(vectors[0], 400)[1])
        swapping.join()
        assert {len(found) for found in seen} <= {200}
        assert all(len(set((found % 2).tolist())) == 1 for found in seen)

    def test_it_says_how_far_it_has_followed(self, make: Make) -> None:
        index = make(DIM)
        assert index.revision == 0
        index.apply(changes([1], units(1, DIM, 1), revision=5))
        assert index.revision == index.candidates_revision == 5
        index.apply(changes(NOTHING, units(0, DIM), revision=8))
        assert index.revision == index.candidates_revision == 8

    # images with several vectors

    @pytest.mark.parametrize("share", [None, 0.02, 0.5])
    def test_an_image_is_as_near_as_the_nearest_of_its_parts(
        self, make: Make, share: float | None
    ) -> None:
        parts, vectors = np.arange(5000, 6200), units(1200, DIM, 31)
        owners = np.random.default_rng(32).integers(1, 400, 1200)
        index = make(DIM)
        index.apply(changes(parts, vectors, owners=owners))
        images = np.unique(owners)
        assert len(index) == len(images)
        assert index.ids().tolist() == images.tolist()
        allowed = None
        if share is not None:
            allowed = images = images[np.random.default_rng(33).random(len(images)) < share]
        for query in units(5, DIM, 34):
            best = nearest_parts(images, owners, vectors, query)
            answer = index.search(query, 12, allowed)
            check_found(index, answer, query, 12, images, best)
            products = (best * query.astype(np.float64)).sum(1)
            assert index.scores(query, images) == pytest.approx(products, abs=1e-5)

    def test_an_image_loses_a_part_and_stays_until_the_last_one(self, make: Make) -> None:
        near, far, other = units(3, DIM, 35)
        index = make(DIM)
        index.apply(changes([11, 12, 13], np.stack([near, far, other]), owners=[1, 1, 2]))
        assert index.scores(near, np.array([1]))[0] == pytest.approx(near @ near, abs=1e-5)
        index.apply(changes(NOTHING, near[None][:0], removed=[11], revision=2))
        assert index.scores(near, np.array([1]))[0] == pytest.approx(near @ far, abs=1e-5)
        assert sorted(index.search(near, 9)[1].tolist()) == [1, 2]
        assert index.vectors(np.array([1]))[0] == pytest.approx(far)
        index.apply(changes(NOTHING, near[None][:0], removed=[12], revision=3))
        assert index.search(near, 9)[1].tolist() == [2]
        assert (len(index), index.moments()[0]) == (1, 1)

    def test_the_vector_of_an_image_is_that_of_its_first_part(self, make: Make) -> None:
        vectors = units(3, DIM, 36)
        index = make(DIM)
        index.apply(changes([30, 10, 20], vectors, owners=[7, 7, 8]))
        assert index.vectors(np.array([8, 7])) == pytest.approx(vectors[[2, 1]])

    def test_images_of_equal_nearest_parts_are_ordered_by_id(self, make: Make) -> None:
        same = np.repeat(units(1, DIM, 37), 300, axis=0)
        owners = np.random.default_rng(38).permutation(300) // 3
        index = make(DIM)
        index.apply(changes(np.arange(1000, 1300), same, owners=owners))
        if index.exact:
            for k in (1, 10, 99):
                assert index.search(same[0], k)[1].tolist() == list(range(k))

    # exact scores and vectors

    def test_it_names_each_image_that_it_has_once(self, make: Make) -> None:
        index = make(DIM)
        assert index.ids().tolist() == []
        vectors = units(4, DIM, 19)
        index.apply(changes([11, 12, 13, 14], vectors, owners=[5, 5, 3, 9]))
        assert sorted(index.ids().tolist()) == [3, 5, 9]
        index.apply(changes(NOTHING, vectors[:0], removed=[11, 13], revision=2))
        assert sorted(index.ids().tolist()) == [5, 9]

    def test_scores_are_missing_where_the_index_has_no_vector(self, make: Make) -> None:
        index = make(DIM)
        vectors = units(2, DIM, 11)
        index.apply(changes([1, 2], vectors))
        scores = index.scores(vectors[0], np.array([2, 3, 1]))
        assert scores[[0, 2]] == pytest.approx(vectors[[1, 0]] @ vectors[0], abs=1e-5)
        assert np.isnan(scores).tolist() == [False, True, False]
        index.apply(changes(NOTHING, vectors[:0], removed=[1], revision=2))
        assert np.isnan(index.scores(vectors[0], np.array([2, 3, 1]))).tolist() == [0, 1, 1]

    def test_vectors_come_in_the_order_asked_for_or_not_at_all(self, make: Make) -> None:
        index = make(DIM)
        vectors = units(3, DIM, 11)
        index.apply(changes([1, 2, 3], vectors))
        assert index.vectors(np.array([3, 1])) == pytest.approx(vectors[[2, 0]])
        for unknown in ([4], [1, 4, 2]):
            with pytest.raises(KeyError):
                index.vectors(np.array(unknown))

    # what ranking measures scores against

    def test_moments_are_count_mean_and_covariance(self, make: Make) -> None:
        index = make(DIM)
        n, mean, covariance = index.moments()
        assert (n, mean.shape, covariance.shape) == (0, (DIM,), (DIM, DIM))
        assert not mean.any()
        assert not covariance.any()
        vectors = units(300, DIM, 16)
        index.apply(changes(np.arange(300), vectors))
        check_moments(index, vectors)
        index.apply(changes(NOTHING, vectors[:0], removed=np.arange(0, 300, 2), revision=2))
        check_moments(index, vectors[1::2])

    def test_moments_say_how_the_scores_of_any_query_spread(self, make: Make) -> None:
        vectors = units(300, DIM, 17)
        index = make(DIM)
        index.apply(changes(np.arange(300), vectors))
        _, mean, covariance = index.moments()
        for query in units(3, DIM, 18):
            scores = vectors @ query
            assert mean @ query == pytest.approx(scores.mean(), abs=1e-4)
            assert query @ covariance @ query == pytest.approx(scores.var(), abs=1e-4)


def nearest_parts(images: Ids, owners: Ids, vectors: Vectors, query: Vectors) -> Vectors:
    """Of each image the vector that is nearest to the query."""
    products = (vectors * query.astype(np.float64)).sum(1)
    best = [np.where(owners == image, products, -np.inf).argmax() for image in images]
    nearest: Vectors = vectors[best]
    return nearest


def check_moments(index: VectorIndex, vectors: Vectors) -> None:
    n, mean, covariance = index.moments()
    assert n == len(index) == len(vectors)
    assert mean == pytest.approx(vectors.mean(0), abs=1e-4)
    assert covariance == pytest.approx(np.cov(vectors.T, bias=True), abs=1e-4)
