"""The engine: a library that answers, and follows what other processes write."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from search.calibration import Calibration, Curve, Sum
from search.engine import SearchEngine
from search.errors import ImageError, NotFoundError, QueryError
from search.images import LocalDecoder
from search.index import open_indexes
from search.language import Line
from search.model import Model
from search.products import Product
from search.query import Image, Query, Target
from search.records import (
    Caption,
    FileStamp,
    Filters,
    NewImage,
    Orientation,
    Sort,
    Space,
)
from search.requests import terms
from search.settings import Settings
from search.store import Store
from tests.evidence import Listed, ListedRetriever
from tests.fakes import COLOURS, FakeCaptioner, FakeEncoder
from tests.pictures import encoded, numbered

ENCODER = FakeEncoder()


def png(colour: str, number: int, size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture in one colour, with a number of its own in a corner."""
    return encoded(numbered(COLOURS[colour], number, *size))


def put(
    store: Store,
    colour: str,
    number: int,
    *,
    words: str | None = None,
    size: tuple[int, int] = (40, 30),
    folder: str = "",
    taken_at: datetime | None = None,
) -> int:
    data = png(colour, number, size)
    decoded = LocalDecoder().decode(data, [ENCODER.preprocessing], uri="test")
    decoded = dataclasses.replace(decoded, taken_at=taken_at)
    caption = Caption(words, "en", "fake") if words else None
    new = NewImage(
        decoded,
        ENCODER.encode_images(decoded.pixels[0]).vectors[0],
        caption,
        ENCODER.encode_texts([words])[0] if words else None,
    )
    root = store.roots.ensure("default", b"/photos", 1)
    path = f"{folder}{colour}-{number}.png".encode()
    return store.images.add(root, ENCODER.info, [(path, FileStamp(1, 1), new)])[0]


@pytest.fixture
def engine(store: Store, settings: Settings) -> SearchEngine:
    for colour in COLOURS:
        for number in range(6):
            put(store, colour, number, words=f"a {colour} thing number {number}")
    store = Store.open(settings)
    return SearchEngine(
        settings,
        store,
        Model.over(
            store,
            ENCODER,
            FakeCaptioner(),
            open_indexes("faiss:flat", ENCODER.info.dim),
            Calibration(),
        ),
        LocalDecoder(),
    )


def colours(engine: SearchEngine, query: Query) -> list[str]:
    found = []
    for hit in engine.search(query).hits:
        assert hit.image.path is not None
        found.append(hit.image.path.decode().split("-")[0].split("/")[-1])
    return found


@pytest.mark.parametrize("target", [Target.IMAGE, Target.CAPTION, Target.HYBRID])
@pytest.mark.parametrize("words", ["red", "红色"])
def test_words_find_pictures_in_every_space(
    engine: SearchEngine, target: Target, words: str
) -> None:
    query = Query(terms(words), evidence=target.evidence, limit=6, any_relevance=True)
    assert colours(engine, query) == ["red"] * 6


def test_a_picture_finds_its_like_and_itself_first(engine: SearchEngine) -> None:
    result = engine.search(Query(terms(image=png("blue", 3)), limit=6, any_relevance=True))
    assert result.hits[0].image.path == b"blue-3.png"
    assert result.hits[0].cosines[Space.IMAGE] == pytest.approx(1, abs=1e-2)
    assert (
        colours(engine, Query(terms(image=png("blue", 3)), limit=6, any_relevance=True))
        == ["blue"] * 6
    )


def test_an_image_is_no_neighbour_of_itself(engine: SearchEngine) -> None:
    some = engine.search(Query(terms("green"), any_relevance=True)).hits[0].image.id
    hits = engine.search(Query(terms(image_id=some), limit=200, any_relevance=True)).hits
    assert some not in [hit.image.id for hit in hits]
    assert len(hits) == 35


def test_scores_fall_with_rank_and_pages_cut_one_order(engine: SearchEngine) -> None:
    whole = engine.search(Query(terms("red"), limit=36, any_relevance=True))
    scores = [hit.score for hit in whole.hits]
    assert all(a >= b for a, b in pairwise(scores))
    assert [hit.rank for hit in whole.hits] == list(range(1, 37))
    paged = [
        hit.image.id
        for offset in range(0, 36, 5)
        for hit in engine.search(
            Query(terms("red"), limit=5, offset=offset, any_relevance=True)
        ).hits
    ]
    assert paged == [hit.image.id for hit in whole.hits]


def test_negative_words_push_down(engine: SearchEngine) -> None:
    query = Query(terms("thing", negative="red"), limit=36, any_relevance=True)
    assert set(colours(engine, query)[-6:]) == {"red"}


def test_negative_words_cost_nothing_to_what_does_not_show_them(engine: SearchEngine) -> None:
    before, after = (
        engine.search(Query(terms("green", negative=unwanted))) for unwanted in (None, "red")
    )
    assert before.total > 0
    assert [hit.image.id for hit in after.hits] == [hit.image.id for hit in before.hits]
    assert after.strong == before.strong
    for was, hit in zip(before.hits, after.hits, strict=True):
        assert hit.score == pytest.approx(was.score, rel=0.05)
        assert hit.cosines == was.cosines


def test_more_and_less_like_steer(engine: SearchEngine, store: Store) -> None:
    green = engine.search(Query(terms("green"), any_relevance=True)).hits[0].image.id
    found = colours(engine, Query(terms(more_like=(green,)), limit=5, any_relevance=True))
    assert set(found) == {"green"}
    asked = [terms("thing"), terms("thing", less_like=(green,) * 9)]
    before, after = (colours(engine, Query(some, limit=36, any_relevance=True)) for some in asked)
    assert places(after, "green") > places(before, "green") + 6 * 3


def places(found: list[str], colour: str) -> int:
    """Of all pictures of a colour, added up: the more, the farther down they are."""
    return sum(place for place, one in enumerate(found) if one == colour)


def test_filters_narrow_before_ranking(engine: SearchEngine, store: Store) -> None:
    tall = put(store, "red", 77, size=(30, 40), folder="2024/")
    query = Query(
        terms("red"),
        any_relevance=True,
        filters=Filters(orientation=(Orientation.PORTRAIT,), folder=("2024",)),
    )
    result = engine.search(query)
    assert [hit.image.id for hit in result.hits] == [tall]
    assert result.total == 1


def test_sorting_by_date_keeps_to_the_relevant_ones(engine: SearchEngine, store: Store) -> None:
    for year in (2019, 2023, 2021):
        put(store, "red", year, taken_at=datetime(year, 1, 1, tzinfo=UTC), words="a red day")
    query = Query(
        terms("red"),
        sort=Sort.OLDEST,
        filters=Filters(taken_before=datetime(2024, 1, 1, tzinfo=UTC)),
    )
    hits = engine.search(query).hits
    assert [hit.image.taken_at.year for hit in hits if hit.image.taken_at] == [2019, 2021, 2023]


def test_everything_sorted_by_date_is_one_order_on_all_pages(engine: SearchEngine) -> None:
    asked = Query(terms("red"), sort=Sort.OLDEST, any_relevance=True, limit=200)
    whole = [hit.image.id for hit in engine.search(asked).hits]
    pages = [
        hit.image.id
        for offset in range(0, len(whole), 5)
        for hit in engine.search(dataclasses.replace(asked, limit=5, offset=offset)).hits
    ]
    assert len(whole) == 6 * len(COLOURS)
    assert pages == whole


def test_nothing_is_certain(engine: SearchEngine) -> None:
    found = engine.search(Query(terms("red"), min_score=1.0))
    assert (found.total, list(found.hits)) == (0, [])


def test_what_another_connection_writes_is_found_by_the_next_search(
    engine: SearchEngine, store: Store
) -> None:
    before = engine.search(Query(terms("red"), any_relevance=True))
    new = put(store, "red", 500)
    after = engine.search(Query(terms("red"), limit=40, any_relevance=True))
    assert new in [hit.image.id for hit in after.hits]
    assert after.revision > before.revision
    store.images.remove([new])
    gone = engine.search(Query(terms("red"), limit=40, any_relevance=True))
    assert new not in [hit.image.id for hit in gone.hits]


def test_an_image_without_caption_is_found_by_its_picture(
    engine: SearchEngine, store: Store
) -> None:
    silent = put(store, "red", 600)
    hits = engine.search(Query(terms("red"), limit=10, any_relevance=True)).hits
    assert silent in [hit.image.id for hit in hits]
    told = engine.search(
        Query(terms("red"), evidence=Target.CAPTION.evidence, limit=100, any_relevance=True)
    )
    assert silent not in [hit.image.id for hit in told.hits]


def test_a_description_has_caption_tags_and_neighbours(engine: SearchEngine) -> None:
    shown = engine.describe(png("green", 900))
    assert shown.caption == "a green picture"
    assert shown.tags
    assert all("green" in tag.text for tag in shown.tags)
    assert [tag.score for tag in shown.tags] == sorted((t.score for t in shown.tags), reverse=True)
    paths = [hit.image.path for hit in shown.nearest]
    assert len(paths) == 8
    assert set(paths[:6]) == {b"green-%d.png" % number for number in range(6)}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        (Query(), "/query"),
        (Query(terms("  ")), "/query"),
        (Query(terms("x" * 1001)), "/query/text"),
        (Query(terms("x"), limit=0), "/limit"),
        (Query(terms("x"), limit=201), "/limit"),
        (Query(terms("x"), offset=9990, limit=20), "/offset"),
        (Query(terms("x", text_weight=float("nan"))), "/query/weights/text"),
    ],
)
def test_a_question_without_meaning_names_the_part(
    engine: SearchEngine, query: Query, pointer: str
) -> None:
    with pytest.raises(QueryError) as caught:
        engine.search(query)
    assert caught.value.pointer == pointer


def test_unknown_images_and_broken_pictures_are_named(engine: SearchEngine) -> None:
    with pytest.raises(NotFoundError, match="999"):
        engine.search(Query(terms(image_id=999)))
    with pytest.raises(ImageError):
        engine.search(Query(terms(image=b"no picture")))
    with pytest.raises(QueryError):
        engine.images(Filters(), Sort.RELEVANCE, "garbage", 10)


def test_further_evidence_joins_the_order_and_is_named(store: Store, settings: Settings) -> None:
    ids = [put(store, "red", number, words="a red thing") for number in range(4)]
    stars = Listed("stars", {ids[2]: (5.0,), ids[0]: (1.0,)})
    sums = [*Calibration().curve.sums, Sum(-4.0, {"stars": (1.0,)})]
    sums += [Sum(-9.0, {"image": (2.0, 0.0), "caption": (0.4, 0.0), "stars": (3.0,)})]
    engine = SearchEngine(
        settings,
        store,
        Model.over(
            store,
            ENCODER,
            None,
            open_indexes("faiss:flat", ENCODER.info.dim),
            Calibration(Curve(sums)),
            retrievers=[ListedRetriever(stars)],
        ),
        LocalDecoder(),
    )
    red = Query(terms("red"), any_relevance=True)
    first = engine.search(red).hits[0]
    assert first.image.id == ids[2]
    assert first.cosines["stars"] == 5.0
    assert "stars" in first.matched_by
    alone = engine.search(dataclasses.replace(red, evidence=frozenset(["stars"])))
    assert [hit.image.id for hit in alone.hits] == [ids[2], ids[0]]
    assert alone.total == 2
    assert [hit.matched_by for hit in alone.hits] == [("stars",), ("stars",)]
    assert engine.search(red).total == 4


def test_evidence_that_is_not_there_is_named(engine: SearchEngine) -> None:
    with pytest.raises(QueryError, match="words; there is image, caption") as caught:
        engine.search(Query(terms("red"), evidence=frozenset(["words"])))
    assert caught.value.pointer == "/target"


def test_two_images_that_were_asked_about_are_both_no_hits(engine: SearchEngine) -> None:
    some = [hit.image.id for hit in engine.search(Query(terms("green"))).hits[:2]]
    asked = Query(tuple(map(Image, some)), any_relevance=True, limit=200)
    found = {hit.image.id for hit in engine.search(asked).hits}
    assert len(found) == 6 * len(COLOURS) - 2
    assert found.isdisjoint(some)


def test_cosines_are_those_of_the_stored_vectors(engine: SearchEngine, store: Store) -> None:
    hit = engine.search(Query(terms("red thing"), any_relevance=True)).hits[0]
    rows = store.vectors.changes(ENCODER.info, Space.IMAGE, 0)
    stored = rows.vectors[rows.owners.tolist().index(hit.image.id)]
    expected = float(stored @ ENCODER.encode_texts(["red thing"])[0])
    assert hit.cosines[Space.IMAGE] == pytest.approx(expected, abs=2e-3)


def test_conditions_alone_are_a_question_and_the_newest_answer_comes_first(
    engine: SearchEngine,
) -> None:
    every = engine.search(Query(filters=Filters(collection="default"), limit=200))
    assert every.total == len(every.hits) == engine.stats().images
    assert every.hits[0].cosines == {}
    assert [hit.image.id for hit in every.hits] == [
        image.id for image in engine.images(Filters(), Sort.NEWEST, None, 200)[0]
    ]
    second = engine.search(Query(filters=Filters(collection="default"), limit=1, offset=1))
    assert [hit.image.id for hit in second.hits] == [every.hits[1].image.id]


def test_conditions_but_not_what_words_say(engine: SearchEngine) -> None:
    asked = engine.read(Line("collection:default -red"), Query()).within(Query(limit=200))
    left = colours(engine, asked)
    assert "red" not in left
    assert {"green", "blue"} <= set(left)


def test_a_line_is_read_with_what_the_library_is_called(engine: SearchEngine) -> None:
    reading = engine.read(Line("red collection:DEFAULT"), Query())
    assert reading.filters == Filters(collection="default")
    assert engine.read(Line("-red"), Query(terms(image_id=1))).terms


def test_names_of_attributes_are_read_once_a_revision(engine: SearchEngine, store: Store) -> None:
    def sell(*attributes: tuple[str, str]) -> None:
        store.products.put(
            "default", b"/a.csv", "{}", [(Product("A", attributes=attributes), (1,))]
        )

    sell(("brand", "Acme"))
    names = engine.known_values()["attributes"]
    assert names == ["brand"]
    assert engine.known_values()["attributes"] is names
    sell(("brand", "Acme"), ("size", "M"))
    assert engine.known_values()["attributes"] == ["brand", "size"]
