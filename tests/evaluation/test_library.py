"""A library evaluated, with towers whose answers are known, and the report of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from evaluation.index_recall import IndexRecall
from evaluation.judgements import Judged, Unusable
from evaluation.library import Evaluation, Questions, evaluate, own_questions, searches
from evaluation.names import PictureNames
from evaluation.report import report
from evaluation.retrieval import ALL, Answer, Run
from search.engine import SearchEngine
from search.images import LocalDecoder
from search.index import RowIndex, open_index
from search.products import Product
from search.records import Caption, FileStamp, NewImage
from search.settings import Settings
from search.store import Store
from tests import two_models
from tests.kinds import CoarseCandidates
from tests.vectors import changes, units
from tests.web.library import WatchedEngine, fruit_library

APPLE, GREEN, CHERRY, CAR = 1, 2, 3, 4


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    with closing(WatchedEngine(fruit_library(tmp_path_factory.mktemp("eval")))) as engine:
        yield engine


@pytest.fixture(scope="module")
def evaluation(engine: SearchEngine) -> Evaluation:
    queries = (
        Judged("red cherry", {CHERRY: 1.0}),
        Judged("a blue car", {CAR: 1.0}),
        Judged("<b>green</b>", {CAR: 2.0, GREEN: 0.0}),
    )
    lines = (Unusable(7, "not_in_library", "<i>.jpg is not in the library"),)
    return evaluate(engine, Questions("q.csv", queries, unusable=lines))


def run(evaluation: Evaluation, evidence: str) -> Run:
    (found,) = [one for one in evaluation.runs if one.evidence == evidence]
    return found


def test_each_evidence_is_asked_alone_and_all_of_it_together(evaluation: Evaluation) -> None:
    assert [one.evidence for one in evaluation.runs][:3] == [ALL, "image", "caption"]
    captions = run(evaluation, "caption")
    assert captions.scores("recall@1") == [1, 1, 0]
    assert captions.answers[0].ranked[0] == CHERRY
    picture = run(evaluation, "image")
    assert set(picture.answers[0].ranked[:2]) == {APPLE, CHERRY}  # both red; cherry is no colour
    assert all(len(answer.ranked) == 4 for answer in picture.answers)


def test_values_come_with_an_interval_and_runs_are_compared_pairwise(
    evaluation: Evaluation,
) -> None:
    first = evaluation.runs[0]
    value = first.value("recall@1")
    assert value.mean == pytest.approx(2 / 3)
    assert value.low < value.mean < value.high
    same = first.against(first, "ndcg@10")
    assert (same.mean, same.low, same.high) == (0, 0, 0)
    assert first.percentile_ms(50) <= first.percentile_ms(95)
    assert first.within(4) == 1.0


def test_what_failed_worst_is_the_query_with_the_worst_answer(evaluation: Evaluation) -> None:
    worst = evaluation.runs[0].worst(10)
    assert worst[0].query.text == "<b>green</b>"
    assert worst[0].first_right
    assert worst[0].first_right > 1
    assert all(answer.first_right != 1 for answer in worst)


def test_grades_count_in_the_order(evaluation: Evaluation) -> None:
    query = Judged("x", {1: 3.0, 2: 1.0, 3: 0.0})
    assert query.right == {1, 2}
    best, other = (Run("m", ALL, (Answer(query, order, 0.1),)) for order in ((1, 2, 3), (2, 1, 3)))
    assert best.value("ndcg@10").mean == 1
    assert other.value("ndcg@10").mean == pytest.approx((1 + 3 / np.log2(3)) / (3 + 1 / np.log2(3)))
    assert other.value("recall@1").mean == 1


def test_an_exact_index_is_known_to_find_all(evaluation: Evaluation) -> None:
    assert [(one.exact, one.queries, one.value.mean) for one in evaluation.recalls] == [
        (True, 0, 1.0),
        (True, 0, 1.0),
    ]


def test_an_index_that_misses_some_is_measured_against_all_vectors() -> None:
    exact, coarse = open_index("faiss:flat", 12), RowIndex(12, CoarseCandidates())
    for index in (exact, coarse):
        index.apply(changes(np.arange(1, 401), units(400, 12, 1)))
    asked = list(units(20, 12, 2))
    found = IndexRecall.of("image", coarse, asked)
    expected = [
        len(np.intersect1d(coarse.search(q, 10)[1], exact.search(q, 10)[1])) / 10 for q in asked
    ]
    assert found.value.mean == pytest.approx(np.mean(expected))
    assert (found.exact, found.queries, found.images) == (False, 20, 400)


def test_another_model_whose_vectors_are_there_is_compared(
    store: Store, settings: Settings
) -> None:
    two_models.make_library(store)
    two_models.embed(store, two_models.NEW)
    assert [(info.name, seen) for info, seen in store.encoders.others()] == [("new", 36)]
    own, _ = two_models.engine_over(settings, two_models.OLD)
    other = SearchEngine(
        settings, store, two_models.model_by(store, two_models.NEW), LocalDecoder()
    )
    with closing(own):
        questions = Questions("q.csv", (Judged("red", {1: 1.0}), Judged("blue", {13: 1.0})))
        other.refresh()
        counted: list[int] = []
        made = evaluate(own, questions, [other], tick=lambda: counted.append(1))
        assert [(one.model, one.evidence) for one in made.runs] == [
            ("old", ALL),
            ("old", "image"),
            ("old", "caption"),
            ("new", ALL),
        ]
        assert len(counted) == searches(own, questions, 1)
        shown = report(made, store, datetime.now(UTC))
        assert "all together, new" in shown


def test_without_a_table_captions_of_people_ask_for_their_pictures(
    store: Store, settings: Settings
) -> None:
    two_models.make_library(store)
    machine = own_questions(store)
    assert (machine.judged, machine.source) == (False, "captions of the machine")
    assert all(not query.gains for query in machine.queries)
    root = store.roots.all()[0]
    seen = two_models.seen_by(two_models.OLD, "red", 99)
    written = Caption("my red chair", "en", "human")
    new = NewImage(seen.decoded, seen.image_vector, written, seen.caption_vector)
    (id_,) = store.images.add(root, two_models.OLD.info, [(b"z.png", FileStamp(1, 1), new)])
    own = own_questions(store)
    assert (own.queries, own.evidence) == ((Judged("my red chair", {id_: 1.0}),), ("image",))
    engine, _ = two_models.engine_over(settings, two_models.OLD)
    with closing(engine):
        assert [one.evidence for one in evaluate(engine, own).runs] == ["image"]


def test_titles_of_products_ask_for_any_picture_of_theirs(store: Store, tmp_path: Path) -> None:
    two_models.make_library(store)
    products = [
        (Product("A-1", title="a red mug"), (2, 1)),
        (Product("A-2", title=" "), (3,)),
        (Product("A-3", title="sold out"), ()),
    ]
    store.products.put("default", b"/feed.csv", "{}", products)
    assert own_questions(store).queries == (Judged("a red mug", {2: 1.0}, {1: 2}),)
    assert PictureNames(store, tmp_path).find("sku", "A-1") == (2, 1)
    with pytest.raises(LookupError, match="product A-3"):
        PictureNames(store, tmp_path).find("sku", "A-3")


def test_so_many_questions_are_spread_over_all() -> None:
    queries = tuple(Judged(str(n), {n: 1.0}) for n in range(10))
    few = Questions("q", queries).at_most(4).queries
    assert [query.text for query in few] == ["0", "3", "6", "9"]
    assert Questions("q", queries).at_most(10).queries == queries
    assert Questions("q", ()).at_most(3).queries == ()


class Reader(HTMLParser):
    """Which elements there are, and what they refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.references += [v or "" for name, v in attrs if name in ("src", "href", "xlink:href")]


def test_the_report_holds_all_that_it_shows_and_no_markup_of_others(
    engine: SearchEngine, evaluation: Evaluation
) -> None:
    page = report(evaluation, engine.store, datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    read = Reader()
    read.feed(page)
    assert read.tags.count("svg") == 5
    assert read.references
    assert all(each.startswith("data:image/jpeg;base64,") for each in read.references)
    assert not {"b", "i", "script", "link"} & set(read.tags)
    assert not re.search(r"url\(|@import|https?:", page)
    assert "&lt;b&gt;green&lt;/b&gt;" in page
    assert "line 7: &lt;i&gt;.jpg" in page
    assert "prefers-color-scheme: dark" in page
    assert "2026-01-02 03:04" in page
    assert "67% of the questions find a right picture first" in page


def test_a_report_of_an_empty_library_says_so(store: Store, settings: Settings) -> None:
    store.encoders.bind(two_models.OLD.info, None)
    engine, _ = two_models.engine_over(settings, two_models.OLD)
    with closing(engine):
        made = evaluate(engine, own_questions(store))
        assert made.runs == ()
        assert "Nothing was asked" in report(made, store, datetime.now(UTC))
