"""Ranking: exact fusion, whatever the index gives; scores that mean something."""

from __future__ import annotations

import numpy as np
import pytest

from search.components import Component
from search.index import RowIndex, open_index
from search.query import Target
from search.ranking import WEAK, Calibration, View, floor_of, probability, rank, relevance
from search.records import Ids, Relevance, Space, Vectors
from tests.vectors import changes, units

DIM = 12
CALIBRATION = Calibration(hybrid=(-6, 1.2, 1.0, 0.8, 0.5))


def index_of(ids: Ids, vectors: Vectors) -> RowIndex:
    index = open_index("faiss:flat", DIM)
    index.apply(changes(ids, vectors))
    return index


def views(pictures: RowIndex, captions: RowIndex, *components: Component) -> tuple[View, View]:
    return (
        View.of(pictures, Space.IMAGE, components, CALIBRATION),
        View.of(captions, Space.CAPTION, components, CALIBRATION),
    )


def words(vector: Vectors, weight: float = 1.0) -> Component:
    return Component(vector, weight, is_text=True)


@pytest.fixture(scope="module")
def library() -> tuple[Ids, RowIndex, RowIndex]:
    """3,000 images of which two in three have a caption."""
    ids = np.arange(1, 3001)
    told = ids[ids % 3 > 0]
    return ids, index_of(ids, units(3000, DIM, 1)), index_of(told, units(len(told), DIM, 2))


@pytest.mark.parametrize("target", [Target.IMAGE, Target.CAPTION, Target.HYBRID])
@pytest.mark.parametrize("filtered", [False, True])
def test_the_threshold_algorithm_equals_scoring_everything(
    library: tuple[Ids, RowIndex, RowIndex], target: Target, filtered: bool
) -> None:
    ids, pictures, captions = library
    allowed = ids[ids % 7 == 0] if filtered else None
    for seed in range(5):
        image, caption = views(pictures, captions, words(units(1, DIM, 50 + seed)[0]))
        among = ids if allowed is None else allowed
        odds = CALIBRATION.log_odds(target, image.evidence(among), caption.evidence(among))
        order = np.lexsort((among, -odds))
        got = rank(image, caption, CALIBRATION, target, wanted=40, floor=-np.inf, allowed=allowed)
        assert got.ids[:40].tolist() == among[order][:40].tolist()
        floor = floor_of(0.2)
        got = rank(image, caption, CALIBRATION, target, wanted=5, floor=floor, allowed=allowed)
        assert got.ids.tolist() == among[order][odds[order] >= floor].tolist()
        assert got.total == (odds >= floor).sum()


def test_pages_of_any_size_are_cuts_of_one_order(
    library: tuple[Ids, RowIndex, RowIndex],
) -> None:
    _, pictures, captions = library
    image, caption = views(pictures, captions, words(units(1, DIM, 9)[0]))
    whole = rank(image, caption, CALIBRATION, Target.HYBRID, wanted=3000, floor=-np.inf)
    assert len(set(whole.ids.tolist())) == 3000
    for wanted in (1, 10, 100, 1000):
        part = rank(image, caption, CALIBRATION, Target.HYBRID, wanted=wanted, floor=-np.inf)
        assert part.ids[:wanted].tolist() == whole.ids[:wanted].tolist()


def test_equal_images_are_ordered_by_id() -> None:
    same = np.repeat(units(1, DIM, 3), 500, axis=0)
    ids = np.random.default_rng(1).permutation(500).astype(np.int64)
    empty = open_index("faiss:flat", DIM)
    image, caption = views(index_of(ids, same), empty, words(same[0]))
    got = rank(image, caption, CALIBRATION, Target.HYBRID, wanted=20, floor=-np.inf)
    assert got.ids[:20].tolist() == list(range(20))


def test_one_that_stands_out_is_strong_and_the_crowd_is_not() -> None:
    rng = np.random.default_rng(4)
    crowd = rng.standard_normal((1000, DIM)).astype(np.float32)
    crowd[:, 0] = 0
    crowd /= np.linalg.norm(crowd, axis=1, keepdims=True)
    query = np.zeros(DIM, np.float32)
    query[0] = 1
    index = index_of(np.arange(1001), np.concatenate([crowd, query[None]]))
    image, caption = views(index, open_index("faiss:flat", DIM), words(query))
    got = rank(image, caption, CALIBRATION, Target.IMAGE, wanted=10, floor=floor_of(WEAK))
    assert got.ids.tolist() == [1000]
    assert relevance(float(got.probabilities[0])) is Relevance.STRONG


def test_a_negative_component_pushes_its_neighbours_down() -> None:
    a, b = np.eye(DIM, dtype=np.float32)[:2]
    both = (a + b) / np.sqrt(2)
    index = index_of(np.arange(3), np.stack([a, b, both]))
    image, caption = views(index, open_index("faiss:flat", DIM), words(a), words(b, -0.7))
    got = rank(image, caption, CALIBRATION, Target.IMAGE, wanted=3, floor=-np.inf)
    assert got.ids.tolist() == [0, 2, 1]


def test_a_mixed_query_prefers_what_fits_both_parts() -> None:
    a, b = np.eye(DIM, dtype=np.float32)[:2]
    both = (a + b) / np.sqrt(2)
    index = index_of(np.arange(3), np.stack([a, b, both]))
    components = (words(a), Component(b, 1.0, is_text=False))
    image, caption = views(index, open_index("faiss:flat", DIM), *components)
    got = rank(image, caption, CALIBRATION, Target.IMAGE, wanted=3, floor=-np.inf)
    assert got.ids[0] == 2


def test_an_empty_library_answers_with_nothing() -> None:
    image, caption = views(
        open_index("faiss:flat", DIM), open_index("faiss:flat", DIM), words(units(1, DIM, 1)[0])
    )
    for target in (Target.IMAGE, Target.CAPTION, Target.HYBRID):
        got = rank(image, caption, CALIBRATION, target, wanted=10, floor=floor_of(WEAK))
        assert got.ids.tolist() == []
        assert got.total == 0


def test_probability_and_floor_are_inverse() -> None:
    for p in (0.01, 0.15, 0.5, 0.99):
        assert probability(np.array([floor_of(p)]))[0] == pytest.approx(p)
    assert floor_of(0) == -np.inf
