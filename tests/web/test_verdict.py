"""A page says one thing about its answer: in the summary, the advice, the headings, the tiles."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from markupsafe import Markup
from PIL import Image

from search.records import Hit, SearchResult
from search.settings import Settings
from tests.pictures import encoded, jpeg
from tests.web.library import Picture, WatchedEngine, fruit_library, make_library
from web import create_app
from web.verdict import Outcome, Question, Verdict, answering, browsing

PLUM = Picture("a dark red plum on a chair", b"plum.jpg", jpeg((120, 60, 60)))
HIT: list[Hit] = [None]  # type: ignore[list-item] # what is in it makes no difference


def result(hits: Sequence[Hit], total: int, strong: int = 0) -> SearchResult:
    return SearchResult(hits, total, revision=1, took_ms=1.0, strong=strong)


RED = Question("red")


@pytest.mark.parametrize(
    ("verdict", "outcome", "summary", "advice"),
    [
        (
            answering(RED, result(HIT, 1234, 1234), in_library=2000),
            Outcome.STRONG, "1,234 pictures match 'red'", "",
        ),
        (
            answering(RED, result(HIT, 3, 1), in_library=9),
            Outcome.STRONG, "1 picture matches 'red'; 2 more come close", "",
        ),
        (
            answering(RED, result(HIT, 2, 0), in_library=9),
            Outcome.WEAK, "No good match for 'red'; 2 come closest", "",
        ),
        (
            answering(RED, result([], 0), in_library=9, nearest=5),
            Outcome.NONE, "Nothing matches 'red'.",
            "Other words may help. Here is what comes nearest.",
        ),
        (
            answering(Question(has_picture=True), result([], 0), in_library=9, nearest=5),
            Outcome.NONE, "Nothing matches your picture.",
            "Another picture may help. Here is what comes nearest.",
        ),
        (
            answering(RED, result([], 0), in_library=9, nearest=5, filtered=True),
            Outcome.NONE, "Nothing matches 'red'.",
            "Other words may help, or fewer filters. Here is what comes nearest.",
        ),
        (
            answering(RED, result([], 0), in_library=9, filtered=True),
            Outcome.FILTERED, "No picture passes these filters.", "",
        ),
        (
            answering(RED, result([], 34, 30), in_library=99, offset=36),
            Outcome.BEYOND, "30 pictures match 'red'; 4 more come close",
            "This page lies beyond the last one.",
        ),
        (
            answering(RED, result(HIT, 9, 1), in_library=9, ranked=True),
            Outcome.RANKED, "9 pictures, those nearest to 'red' first", "",
        ),
        (answering(RED, result([], 0), in_library=0), Outcome.EMPTY, "", ""),
        (
            browsing(in_library=1, shown=1, filtered=False, goes_on=False),
            Outcome.BROWSE, "1 picture in the library", "",
        ),
        (
            browsing(in_library=9, shown=4, filtered=True, goes_on=False),
            Outcome.BROWSE, "Pictures that pass these filters", "",
        ),
        (
            browsing(in_library=9, shown=0, filtered=True, goes_on=False),
            Outcome.FILTERED, "No picture passes these filters.", "",
        ),
        (
            browsing(in_library=9, shown=0, filtered=False, goes_on=True),
            Outcome.BEYOND, "", "This page lies beyond the last one.",
        ),
        (
            browsing(in_library=0, shown=0, filtered=True, goes_on=True),
            Outcome.EMPTY, "", "",
        ),
    ],
)  # fmt: skip
def test_each_case_is_said_in_one_voice(
    verdict: Verdict, outcome: Outcome, summary: str, advice: str
) -> None:
    assert (verdict.outcome, said(verdict.summary), verdict.advice) == (outcome, summary, advice)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question("red"), "'red'"),
        (Question(has_picture=True), "your picture"),
        (Question("red", has_picture=True), "'red' and your picture"),
        (Question(like="a cat"), "the picture 'a cat'"),
        (Question("x" * 990), f"'{'x' * 119}…'"),
        (Question("red", like="<b>"), "'red' and the picture '<b>'"),
    ],
)
def test_the_whole_question_is_repeated(question: Question, words: str) -> None:
    assert said(Markup("{}").format(question)) == words


# the pages themselves


@pytest.mark.parametrize(
    ("address", "summary", "tiles"),
    [
        ("/?q=red+apple", "2 pictures match 'red apple'; 1 more comes close", 3),
        ("/?q=red+cherry+pie", "1 picture matches 'red cherry pie'; 1 more comes close", 2),
        ("/?q=red+x+y+z", "No good match for 'red x y z'; 2 come closest", 2),
        ("/?q=zebra", "Nothing matches 'zebra'.", 4),
        ("/?q=zebra&sort=newest", "Nothing matches 'zebra'.", 4),
        ("/?q=red+apple&folder=nope", "No picture passes these filters.", 0),
        ("/?q=red+apple&folder=nope&sort=newest", "No picture passes these filters.", 0),
        ("/?folder=nope", "No picture passes these filters.", 0),
        ("/?folder=fruit", "Pictures that pass these filters", 3),
        ("/?q=red+apple&offset=36", "2 pictures match 'red apple'; 1 more comes close", 0),
        ("/?q=red+apple&relevance=any", "4 pictures, those nearest to 'red apple' first", 4),
        ("/?q=red&image_id=2", "'red' and the picture 'a green apple'", None),
        ("/", "4 pictures in the library", 4),
    ],
)  # fmt: skip
def test_summary_and_tiles_agree(
    client: FlaskClient, address: str, summary: str, tiles: int | None
) -> None:
    page = client.get(address).get_data(as_text=True)
    assert summary in said(summary_of(page))
    assert tiles in (None, page.count('<li class="card '))
    for promise, needs in (("comes nearest", "The nearest pictures"), ("Matches</h2>", "<li")):
        assert promise not in page or needs in page
    assert ("Here is what comes nearest" in page) == ("The nearest pictures" in page)


def test_a_page_beyond_the_last_one_leads_to_the_first(client: FlaskClient) -> None:
    page = client.get("/?q=red+apple&offset=36").get_data(as_text=True)
    assert "This page lies beyond the last one." in page
    assert "Nothing" not in page[page.index("<main") : page.index("</main>")]
    assert '<a class="button" href="/?q=red+apple">To the first page</a>' in page
    assert "Previous" not in page


def test_filters_that_leave_nothing_can_be_dropped(client: FlaskClient) -> None:
    page = client.get("/?q=red&folder=nope&format=GIF&sort=newest").get_data(as_text=True)
    assert '<a class="button" href="/?q=red&amp;sort=newest">Without the filters</a>' in page


def test_words_with_a_picture_are_both_named(client: FlaskClient) -> None:
    sent = {"image": (io.BytesIO(jpeg((210, 25, 40))), "x.jpg"), "q": "apple"}
    page = client.post("/", data=sent).get_data(as_text=True)
    assert "'apple' and your picture" in said(summary_of(page))


def test_a_picture_that_is_in_the_library_is_said_to_be(client: FlaskClient) -> None:
    apple = client.get("/api/v1/images/1/original").data
    page = client.post("/", data={"image": (io.BytesIO(apple), "x.jpg")}).get_data(as_text=True)
    own = page.index("This picture is in the library")
    assert own < page.index("/images/1/thumb") < page.index('data-relevance="strong"')
    assert page.count("/images/1/thumb") == 1


def test_neighbours_of_an_image_are_told_apart_by_how_near_they_are(tmp_path: Path) -> None:
    library = fruit_library(tmp_path, [PLUM])
    with closing(WatchedEngine(library)) as engine:
        client = create_app(Settings(library=library), engine).test_client()
        page = client.get("/images/1").get_data(as_text=True)
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    assert headings == ["Similar pictures", "Somewhat similar pictures"]


def test_the_only_picture_has_no_neighbours(tmp_path: Path) -> None:
    library = make_library(tmp_path, [Picture("a plum", b"plum.jpg", jpeg((90, 0, 90)))])
    with closing(WatchedEngine(library)) as engine:
        client = create_app(Settings(library=library), engine).test_client()
        page = client.get("/images/1").get_data(as_text=True)
    assert "There is no other picture in the library." in page


@pytest.mark.parametrize("address", ["/", "/?q=red", "/?q=red&sort=newest", "/?folder=x"])
def test_an_empty_library_says_only_that(tmp_path: Path, address: str) -> None:
    library = make_library(tmp_path, [])
    with closing(WatchedEngine(library)) as engine:
        client = create_app(Settings(library=library), engine).test_client()
        page = client.get(address).get_data(as_text=True)
    assert "Nothing indexed yet" in page
    assert said(summary_of(page)) == ""
    assert "match" not in page[page.index('id="results"') :].lower()
    assert "filters." not in page


def test_what_is_strong_is_counted_over_all_pages(tmp_path: Path) -> None:
    fruit = [Picture(f"a plum {n}", b"p%d.jpg" % n, jpeg((5 * n, 0, 90))) for n in range(50)]
    library = make_library(tmp_path, fruit)
    with closing(WatchedEngine(library)) as engine:
        client = create_app(Settings(library=library), engine).test_client()
        for offset in (0, 36):
            page = client.get(f"/?q=plum&offset={offset}").get_data(as_text=True)
            assert "50 pictures match 'plum'" in said(summary_of(page))


@pytest.mark.parametrize(
    ("address", "words", "way_out"),
    [
        ("/?q=red%00", "hold a character that cannot be searched for", "Leave that out"),
        ("/?q=red&offset=99999", "There is no such page of results", "To the first page"),
        ("/?q=red&offset=-1", "There is no such page of results", "To the first page"),
        ("/?q=red&taken_after=zz", '"Taken since" is not a date', "Leave that out"),
        ("/?folder=x&q=" + "x" * 1001, "The words to find have at most 1,000", "Leave that out"),
    ],
)
def test_a_question_that_cannot_be_asked_is_explained_and_leads_on(
    client: FlaskClient, address: str, words: str, way_out: str
) -> None:
    page = html.unescape(client.get(address).get_data(as_text=True))
    assert words in page
    (link,) = re.findall(f'<a class="button" href="([^"]*)">{way_out}</a>', page)
    assert client.get(link).status_code == 200


def test_a_picture_that_is_too_large_is_refused_without_terms_of_the_server(
    client: FlaskClient,
) -> None:
    bomb = encoded(Image.new("1", (30_000, 30_000)), "PNG")
    page = client.post("/", data={"image": (io.BytesIO(bomb), "bomb.png")}).get_data(as_text=True)
    assert "900 megapixels; at most 52." in page
    heavy = client.post("/", data={"image": (io.BytesIO(bytes(30_000_000)), "heavy.jpg")})
    said = heavy.get_data(as_text=True)
    assert "A picture may have at most 20 MB." in said
    assert "JSON" not in said


def summary_of(page: str) -> str:
    (summary,) = re.findall(r'<p class="summary".*?>(.*?)</p>', page, re.DOTALL)
    return re.sub(r'<span class="took">.*?</span>', "", summary).strip()


def said(markup: str) -> str:
    """As it is read."""
    return html.unescape(re.sub(r"</?strong>", "", re.sub(r"</?q>", "'", markup)))
