"""A picture brought to another page is held by the search page, whatever its size."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.pictures import encoded, jpeg
from tests.web.browsing import IN_BROWSER, Site, captions, choose, drop, saved, search_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = IN_BROWSER

MB = 1_000_000
CHIP = "#chips [data-posted]"


@pytest.fixture(scope="module")
def scan() -> bytes:
    """The colour of a plum, as a file that no browser makes smaller."""
    data = encoded(Image.new("RGB", (1500, 1500), (90, 30, 90)), "TIFF")
    assert len(data) > 6 * MB
    return data


@pytest.fixture
def brought(page: Page, site: Site, tmp_path: Path, scan: bytes) -> Page:
    """The search page for plums like the scan, asked from the page of an image."""
    page.goto(site.url + "/images/2")
    page.locator("#q").fill("plum")
    choose(page, saved(tmp_path, scan, "scan.tif"))
    page.locator(CHIP).wait_for()
    page.locator(".card").first.wait_for()
    return page


def test_more_of_a_picture_from_another_page_is_more_of_the_same(
    brought: Page, site: Site, scan: bytes
) -> None:
    first = captions(brought)
    brought.get_by_role("link", name="Load more").click()
    brought.locator(f".card:nth-child({len(first) + 1})").first.wait_for()
    shown = captions(brought)
    assert len(set(shown)) == len(shown) > len(first)
    assert all("plum" in caption for caption in shown)
    assert (site.engine.asked[-1].image, site.engine.asked[-1].offset) == (scan, 36)


def test_other_words_and_a_filter_keep_a_picture_from_another_page(
    brought: Page, site: Site, scan: bytes
) -> None:
    search_for(brought, "red plum")
    brought.wait_for_url("**/?q=red+plum")
    assert site.engine.asked[-1].image == scan
    brought.locator("#filters > summary").click()
    brought.get_by_label("Shape").select_option("portrait")
    brought.wait_for_url("**orientation=portrait")
    assert site.engine.asked[-1].image == scan
    assert brought.locator(CHIP).count() == 1


@pytest.mark.parametrize("where", ["/images/2", "/status"])
def test_what_is_no_picture_leads_to_the_search_page_with_all_its_pictures(
    page: Page, site: Site, tmp_path: Path, where: str
) -> None:
    noise = random.Random(1).randbytes(5 * MB)
    page.goto(site.url + where)
    choose(page, saved(tmp_path, noise, "noise.jpg"))
    page.get_by_role("alert").filter(has_text="not a picture").wait_for()
    assert len(captions(page)) == 36
    assert page.locator(CHIP).count() == 0
    page.get_by_label("Close this message").click()
    assert page.get_by_role("alert").count() == 0


@pytest.mark.parametrize("where", ["/?q=apple", "/images/2"])
def test_an_empty_file_is_refused_where_it_was_brought(page: Page, site: Site, where: str) -> None:
    page.goto(site.url + where)
    drop(page, {"empty.jpg": b""})
    page.get_by_role("alert").filter(has_text="empty.jpg is empty").wait_for()
    assert page.url == site.url + where
    assert all(query.image is None for query in site.engine.asked)


def test_a_picture_posted_before_the_scripts_were_there_is_said_not_to_be_held(
    page: Page, site: Site, tmp_path: Path, scan: bytes
) -> None:
    page.route("**/app.js", lambda route: route.abort())
    page.goto(site.url + "/?q=plum")
    page.locator("#pick > summary").click()
    page.locator("#image").set_input_files(saved(tmp_path, scan, "scan.tif"))
    page.unroute("**/app.js")
    page.get_by_role("button", name="Search with this picture").click()
    page.get_by_role("status").filter(has_text="does not hold your picture").wait_for()
    assert len(captions(page)) == 36
    assert page.get_by_role("link", name="Load more").count() == 0


def test_of_several_files_the_first_that_is_a_picture_is_taken(page: Page, site: Site) -> None:
    page.goto(site.url)
    drop(page, {"notes.txt": b"a letter", "car.jpg": jpeg((20, 30, 200))})
    page.locator(CHIP).wait_for()
    assert captions(page)[0] == "a blue car"
    said = page.get_by_role("status").filter(has_text="You brought 2 files")
    assert "car.jpg" in said.inner_text()
    assert page.get_by_role("alert").count() == 0
