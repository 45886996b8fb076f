from __future__ import annotations

import gzip
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search.records import Orientation, Sort
from search.settings import Settings
from tests.pictures import jpeg
from tests.web.library import FRUIT, Picture, WatchedEngine, make_library
from web import create_app

STATIC = Path(__file__).parents[2] / "web" / "static"


def html(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def captions(page: str) -> list[str]:
    return re.findall(r'<img src="/api/v1/images/\d+/thumb[^>]*? alt="([^"]+)"', page)


def test_a_search_shows_pictures_with_captions_best_first(client: FlaskClient) -> None:
    page = html(client, "/?q=red+apple")
    assert captions(page) == ["a red apple on a table", "a red cherry", "a green apple"]
    assert re.search(r'role="status">\s*<strong>2</strong> pictures match <q>red apple</q>', page)
    assert '<input id="q" name="q" type="search" value="red apple"' in page


def test_weaker_matches_stand_apart(client: FlaskClient) -> None:
    page = html(client, "/?q=red+cherry+pie+please")
    assert page.index("a red cherry") < page.index("Weaker matches") < page.index("a red apple")
    assert "No good match for <q>red x y z</q>; <strong>2</strong> come closest" in html(
        client, "/?q=red+x+y+z"
    )


def test_what_matches_nothing_is_said_and_the_nearest_are_shown(client: FlaskClient) -> None:
    page = html(client, "/?q=zebra&orientation=portrait")
    assert "Nothing matches <q>zebra</q>." in page
    assert captions(page[page.index("The nearest pictures") :]) == ["a green apple"]
    (anyway,) = re.findall(r'href="([^"]+)">Show all, nearest first', page)
    page = html(client, anyway.replace("&amp;", "&"))
    assert captions(page) == ["a green apple"]
    assert "Nothing matches" not in page


def test_without_a_question_the_newest_are_shown(client: FlaskClient) -> None:
    page = html(client, "/")
    assert captions(page)[:2] == ["a blue car", "a green apple"]
    assert 'href="/?q=blue+car"' in page


def test_an_empty_library_tells_how_to_fill_it(tmp_path: Path) -> None:
    library = make_library(tmp_path, [])
    page = html(create_app(Settings(library=library), WatchedEngine(library)).test_client(), "/")
    assert "Nothing indexed yet" in page
    assert "indexer add ./photos" in page


def test_the_address_says_all_about_a_page(client: FlaskClient, engine: WatchedEngine) -> None:
    page = html(
        client, "/?q=red&orientation=landscape&taken_after=2024-01-01&sort=newest&format=JPEG"
    )
    query = engine.asked[-1]
    assert query.filters["orientation"] == (Orientation.LANDSCAPE,)
    assert query.sort is Sort.NEWEST
    assert '<option value="landscape" selected>' in page
    assert 'name="taken_after" type="date" value="2024-01-01"' in page
    assert (
        'href="/?q=red&amp;taken_after=2024-01-01&amp;orientation=landscape&amp;format=JPEG"'
        in page
    )
    assert 'aria-label="Remove the filter newest first"' in page


def test_fields_left_empty_leave_the_address(client: FlaskClient) -> None:
    answer = client.get("/?q=red&collection=&sort=&orientation=portrait")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?q=red&orientation=portrait")


def test_a_picture_is_searched_with_by_plain_post(client: FlaskClient) -> None:
    sent = {"image": (io.BytesIO(FRUIT[2].data), "x.jpg"), "q": ""}
    page = client.post("/", data=sent).get_data(as_text=True)
    assert "What your picture shows" in page
    assert captions(page)[0] == "a red cherry"
    assert "Your picture" in page


def test_words_and_a_picture_go_together(client: FlaskClient, engine: WatchedEngine) -> None:
    sent = {"image": (io.BytesIO(jpeg((210, 25, 40))), "x.jpg"), "q": "apple"}
    page = client.post("/", data=sent).get_data(as_text=True)
    assert engine.asked[-1].text == "apple"
    assert engine.asked[-1].image is not None
    assert "What your picture shows" not in page


def test_a_bad_picture_leaves_the_page_usable(client: FlaskClient) -> None:
    answer = client.post("/", data={"image": (io.BytesIO(b"text"), "x.jpg"), "q": "red"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "That picture cannot be read" in page
    assert 'role="alert"' in page
    assert 'value="red"' in page


@pytest.mark.parametrize(
    "query", ["taken_after=soon", "orientation=round", "image_id=x", "offset=-5", "target=x"]
)
def test_a_wrong_address_is_said_in_words(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/?q=red&{query}")
    assert answer.status_code == 422
    assert b'role="search"' in answer.data


def test_find_similar_names_the_picture(client: FlaskClient) -> None:
    page = html(client, "/?image_id=1&q=red")
    assert "Similar to a red apple on a table" in page
    assert 'name="image_id" value="1"' in page
    assert 'href="/?q=red" aria-label="Do not compare with this picture"' in page
    assert client.get("/?image_id=99").status_code == 404


def test_pages_follow_each_other_without_javascript(tmp_path: Path) -> None:
    many = [
        Picture(f"a plum {n}", b"%d.jpg" % n, jpeg((n, 0, 90), (40 + n, 30))) for n in range(80)
    ]
    library = make_library(tmp_path, many)
    client = create_app(Settings(library=library), WatchedEngine(library)).test_client()
    for address in ("/?q=plum", "/"):
        seen: list[str] = []
        pages = 0
        following: str | None = address
        while following:
            page = html(client, following)
            seen += captions(page)
            links = re.findall(r'rel="next" href="([^"]+)"', page)
            following = links[0].replace("&amp;", "&") if links else None
            pages += 1
        assert pages == 3
        assert len(seen) == len(set(seen)) == 80


def test_one_image_has_a_page(client: FlaskClient) -> None:
    page = html(client, "/images/3")
    assert "<h1>a red cherry</h1>" in page
    for part in (
        "60 × 40 pixels",
        "2 July 2024, 10:11",
        "default",
        "copy2/fruit/cherry.jpg",
        "Find similar",
        "Download original",
    ):
        assert part in page, part
    assert "a red apple on a table" in page[page.index("Similar pictures") :]
    assert client.get("/images/99").status_code == 404


def test_an_image_like_no_other_shows_the_nearest_and_says_so(client: FlaskClient) -> None:
    page = html(client, "/images/4")
    assert "No other picture in the library comes close" in page
    assert len(captions(page[page.index("Nearest pictures") :])) == 3


def test_the_library_page_counts(client: FlaskClient, library: Path) -> None:
    page = html(client, "/status")
    for part in (
        "a fake needs no more",
        "the end of the picture is missing",
        "notes/broken.jpg",
        "cars",
    ):
        assert part in page, part
    assert str(library.parent / "photos") not in page


def test_every_picture_has_a_text_and_a_size(client: FlaskClient) -> None:
    for path in ("/", "/?q=red", "/images/1", "/status"):
        for tag in re.findall(r"<img [^>]+>", html(client, path)):
            assert "alt=" in tag, tag
            assert re.search(r'width="\d+" height="\d+"', tag), tag


def test_pages_have_no_inline_style_or_script(client: FlaskClient) -> None:
    for path in ("/", "/?q=red", "/images/1", "/status", "/nothing"):
        page = html(client, path)
        assert not re.search(
            r"\sstyle=|\son[a-z]+=|<style|<script(?! type=\"module\" src=)", page
        ), path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page), path


def test_pages_keep_their_budget(client: FlaskClient) -> None:
    def packed(*files: Path) -> int:
        return sum(len(gzip.compress(file.read_bytes())) for file in files)

    assert packed(*STATIC.glob("*.js")) <= 25_000
    assert packed(*STATIC.glob("*.css")) <= 12_000
    assert len(gzip.compress(client.get("/?q=a").data)) <= 30_000


def test_every_ratio_class_is_in_the_style_sheet(client: FlaskClient) -> None:
    from web.cards import RATIOS

    sheet = (STATIC / "pomona.css").read_text()
    for ratio in RATIOS:
        assert f".ar-{ratio} " in sheet


def test_the_front_end_imports_nothing_heavy() -> None:
    code = (
        "import sys, web, web.server; "
        "heavy = {'torch', 'faiss', 'open_clip', 'sqlalchemy', 'indexer'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def chips(page: str) -> dict[str, str]:
    """What can be taken away, and the address without it."""
    found = re.findall(r'<li class="chip read"[^>]*><span>(.*?)</span><a href="([^"]+)"', page)
    return {words: address.replace("&amp;", "&") for words, address in found}


def test_a_line_that_says_more_than_words_is_shown_in_its_parts(client: FlaskClient) -> None:
    page = html(client, "/?q=fruit%2C+not+red+orientation:landscape")
    shown = chips(page)
    assert list(shown) == ["fruit", "not red", "landscape"]
    assert shown["not red"] == "/?q=fruit+orientation%3Alandscape"
    assert list(chips(html(client, shown["not red"]))) == ["fruit", "landscape"]


def test_a_line_of_words_alone_is_not_taken_apart(client: FlaskClient) -> None:
    assert not chips(html(client, "/?q=show+me+a+red+apple"))


def test_a_line_can_be_filters_alone(client: FlaskClient) -> None:
    page = html(client, "/?q=collection:cars")
    assert captions(page) == ["a blue car"]
    assert list(chips(page)) == ["in collection cars"]
