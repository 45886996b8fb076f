"""Ranking: exact fusion of any number of lists, whatever they give; scores that mean something."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.calibration import Calibration, Curve, Sum, floor_of
from search.components import Component
from search.evidence import Evidence, SpaceEvidence
from search.index import RowIndex, open_index
from search.ranking import Ranking, matched_by, rank
from search.records import Ids, Relevance, Vectors
from search.threshold import PLAIN
from tests.evidence import Listed
from tests.vectors import changes, units

DIM = 12
CALIBRATION = Calibration()
IMAGE = Curve([one for one in CALIBRATION.curve.sums if one.evidence == {"image"}])

# any number of lists, against a reference that looks at every image

NAMES = ("image", "caption", "ocr", "stars")
HALVES = st.integers(-4, 8).map(lambda n: n / 2)  # exact in binary, and often equal


@st.composite
def lists(draw: st.DrawFn) -> list[Listed]:
    """One to four, of images that not each of them knows."""
    made = []
    for name in NAMES[: draw(st.integers(1, 4))]:
        of = draw(st.dictionaries(st.integers(1, 25), HALVES, max_size=25))
        made.append(Listed(name, {id_: (value, value / 2 - 1) for id_, value in of.items()}, 2))
    return made


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Some sets of evidence have been fitted, others not."""
    weight = st.integers(0, 4).map(lambda n: n / 2)
    sets = st.sets(st.frozensets(st.sampled_from(NAMES), min_size=1), max_size=8)
    return Curve(
        [
            Sum(draw(HALVES), {name: (draw(weight), draw(weight)) for name in sorted(names)})
            for names in draw(sets)
        ]
    )


def judged(evidence: Sequence[Listed], curve: Curve, id_: int) -> float:
    """The log-odds of one image, by the definition."""
    there = {one.name: one.of[id_] for one in evidence if id_ in one.of}
    fitted = [one for one in curve.sums if one.evidence <= there.keys()]
    if not fitted:
        return -np.inf
    best = min(fitted, key=lambda one: (-len(one.evidence), sorted(one.evidence)))
    pairs = [zip(weights, there[name], strict=True) for name, weights in best.weights.items()]
    return best.bias + sum(weight * value for pair in pairs for weight, value in pair)


@given(
    lists(),
    curves(),
    st.none() | st.sets(st.integers(1, 30)),
    st.just(-np.inf) | HALVES,
    st.integers(1, 30),
    st.integers(1, 5),
    st.dictionaries(st.integers(1, 30), st.integers(0, 8).map(lambda n: n / 2)),
)
def test_any_number_of_lists_gives_the_order_of_looking_at_every_image(
    evidence: list[Listed],
    curve: Curve,
    allowed: set[int] | None,
    floor: float,
    wanted: int,
    at_first: int,
    lost: dict[int, float],
) -> None:
    among = range(1, 31) if allowed is None else sorted(allowed)
    odds = {id_: judged(evidence, curve, id_) - lost.get(id_, 0.0) for id_ in among}
    order = sorted((id_ for id_ in odds if odds[id_] > -np.inf), key=lambda id_: (-odds[id_], id_))
    reaching = [id_ for id_ in order if odds[id_] >= floor]
    got = rank(
        evidence,
        curve,
        wanted=wanted,
        floor=floor,
        allowed=None if allowed is None else np.array(among, np.int64),
        at_first=at_first,
        loss=lambda ids: np.array([lost.get(id_, 0.0) for id_ in ids.tolist()]),
    )
    shown = reaching if floor > -np.inf else order[:wanted]
    assert got.ids.tolist()[: len(shown)] == shown
    assert got.ids.tolist() == order[: len(got.ids)]
    assert got.log_odds.tolist() == [odds[id_] for id_ in got.ids.tolist()]
    for one in evidence:
        assert np.array_equal(got.features[one.name], one.features(got.ids), equal_nan=True)
    assert got.total == len(reaching)
    if floor > -np.inf:
        assert len(got.ids) == len(reaching)


# two spaces of vectors


def index_of(ids: Ids, vectors: Vectors) -> RowIndex:
    index = open_index("faiss:flat", DIM)
    index.apply(changes(ids, vectors))
    return index


def spaces(pictures: RowIndex, captions: RowIndex, *asked: Component) -> list[Evidence]:
    return [
        SpaceEvidence.of(name, index, asked, CALIBRATION)
        for name, index in (("image", pictures), ("caption", captions))
    ]


def words(vector: Vectors, weight: float = 1.0) -> Component:
    return Component(vector, weight, is_text=True)


@pytest.fixture(scope="module")
def library() -> tuple[Ids, RowIndex, RowIndex]:
    """3,000 images of which two in three have a caption."""
    ids = np.arange(1, 3001)
    told = ids[ids % 3 > 0]
    return ids, index_of(ids, units(3000, DIM, 1)), index_of(told, units(len(told), DIM, 2))


@pytest.mark.parametrize("names", ["image", "caption", "image caption"])
@pytest.mark.parametrize("filtered", [False, True])
def test_the_threshold_algorithm_equals_scoring_everything(
    library: tuple[Ids, RowIndex, RowIndex], names: str, filtered: bool
) -> None:
    ids, pictures, captions = library
    curve = CALIBRATION.curve
    among = ids[ids % 7 == 0] if filtered else ids
    allowed = among if filtered else None
    for seed in range(5):
        both = spaces(pictures, captions, words(units(1, DIM, 50 + seed)[0]))
        evidence = [one for one in both if one.name in names.split()]
        odds = curve.log_odds({one.name: one.features(among) for one in evidence})
        order = np.lexsort((among, -odds))
        got = rank(evidence, curve, wanted=40, floor=-np.inf, allowed=allowed)
        assert got.ids[:40].tolist() == among[order][:40].tolist()
        assert got.total == (odds > -np.inf).sum()
        got = rank(evidence, curve, wanted=5, floor=floor_of(0.2), allowed=allowed)
        assert got.ids.tolist() == among[order][odds[order] >= floor_of(0.2)].tolist()
        assert got.total == len(got.ids)


def test_pages_of_any_size_are_cuts_of_one_order(
    library: tuple[Ids, RowIndex, RowIndex],
) -> None:
    _, pictures, captions = library
    evidence = spaces(pictures, captions, words(units(1, DIM, 9)[0]))
    whole = rank(evidence, CALIBRATION.curve, wanted=3000, floor=-np.inf)
    assert len(set(whole.ids.tolist())) == 3000
    for wanted in (1, 10, 100, 1000):
        part = rank(evidence, CALIBRATION.curve, wanted=wanted, floor=-np.inf)
        assert part.ids[:wanted].tolist() == whole.ids[:wanted].tolist()


def test_equal_images_are_ordered_by_id() -> None:
    same = np.repeat(units(1, DIM, 3), 500, axis=0)
    ids = np.random.default_rng(1).permutation(500).astype(np.int64)
    evidence = spaces(index_of(ids, same), open_index("faiss:flat", DIM), words(same[0]))
    got = rank(evidence, CALIBRATION.curve, wanted=20, floor=-np.inf)
    assert got.ids[:20].tolist() == list(range(20))


def test_one_that_stands_out_is_strong_and_the_crowd_is_not() -> None:
    rng = np.random.default_rng(4)
    crowd = rng.standard_normal((1000, DIM)).astype(np.float32)
    crowd[:, 0] = 0
    crowd /= np.linalg.norm(crowd, axis=1, keepdims=True)
    query = np.zeros(DIM, np.float32)
    query[0] = 1
    index = index_of(np.arange(1001), np.concatenate([crowd, query[None]]))
    evidence = spaces(index, open_index("faiss:flat", DIM), words(query))
    got = rank(evidence, IMAGE, wanted=10, floor=floor_of(PLAIN.weak))
    assert got.ids.tolist() == [1000]
    assert PLAIN.relevance(float(PLAIN.scores(got.log_odds)[0])) is Relevance.STRONG


def test_a_negative_component_pushes_its_neighbours_down() -> None:
    a, b = np.eye(DIM, dtype=np.float32)[:2]
    both = (a + b) / np.sqrt(2)
    index = index_of(np.arange(3), np.stack([a, b, both]))
    evidence = spaces(index, open_index("faiss:flat", DIM), words(a), words(b, -0.7))
    got = rank(evidence, IMAGE, wanted=3, floor=-np.inf)
    assert got.ids.tolist() == [0, 2, 1]


def test_a_mixed_query_prefers_what_fits_both_parts() -> None:
    a, b = np.eye(DIM, dtype=np.float32)[:2]
    both = (a + b) / np.sqrt(2)
    index = index_of(np.arange(3), np.stack([a, b, both]))
    asked = (words(a), Component(b, 1.0, is_text=False))
    got = rank(spaces(index, open_index("faiss:flat", DIM), *asked), IMAGE, wanted=3, floor=-np.inf)
    assert got.ids[0] == 2


def test_an_empty_library_answers_with_nothing() -> None:
    evidence = spaces(
        open_index("faiss:flat", DIM), open_index("faiss:flat", DIM), words(units(1, DIM, 1)[0])
    )
    for some in (evidence, evidence[:1], evidence[1:]):
        got = rank(some, CALIBRATION.curve, wanted=10, floor=floor_of(PLAIN.weak))
        assert (got.ids.tolist(), got.total) == ([], 0)


# what is made of an order


def test_the_evidence_that_would_do_alone_is_named_and_else_the_strongest() -> None:
    curve = Curve([Sum(-5.0, {"image": (1.0,), "caption": (1.0,)})])
    curve = Curve([*curve.sums, Sum(-5.0, {"image": (1.0,)}), Sum(-5.0, {"caption": (1.0,)})])
    enough = 5.0 + floor_of(PLAIN.weak)
    image, caption = Listed("image", {}), Listed("caption", {})
    rows = {
        (enough, enough): ("picture", "caption"),
        (enough + 1, enough - 0.01): ("picture",),
        (enough - 0.1, enough - 0.2): ("picture",),
        (enough - 0.2, enough - 0.1): ("caption",),
        (np.nan, enough - 1): ("caption",),
    }
    values = np.array(list(rows))
    features = {image.name: values[:, :1], caption.name: values[:, 1:]}
    assert matched_by(curve, features, floor_of(PLAIN.weak)) == list(rows.values())
    assert matched_by(curve, {"caption": values[:2, 1:]}, enough - 5.0) == [
        ("caption",),
        ("caption",),
    ]


def test_another_order_keeps_all_and_orders_equal_keys_by_id() -> None:
    odds = np.array([4.0, 3.0, 2.0, 1.0])
    ranking = Ranking(np.array([5, 3, 9, 1]), odds, {"stars": odds[:, None] * 2}, 4)
    dates = {5: 20, 3: 10, 9: 20, 1: 30}
    newest = ranking.ordered(dates, ascending=False)
    assert newest.ids.tolist() == [1, 5, 9, 3]
    assert newest.log_odds.tolist() == [1.0, 4.0, 2.0, 3.0]
    assert newest.features["stars"].tolist() == [[2.0], [8.0], [4.0], [6.0]]
    assert ranking.ordered(dates, ascending=True).ids.tolist() == [3, 5, 9, 1]
