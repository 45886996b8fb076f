"""No page, in any state that people meet, has a serious fault of accessibility that axe finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Response

from tests.pictures import encoded, jpeg, plain
from tests.web.browsing import IN_BROWSER, Site, choose, drop, saved, search_for
from tests.web.library import Picture, add_pictures, fruit_library, make_library

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = IN_BROWSER

ADDRESSES = (
    "/",
    "/?q=red",
    "/?q=zebra",
    "/?q=red&orientation=portrait&orientation=square",
    "/?image_id=1",
    "/?cursor=!",
    "/images/1",
    "/status",
    "/nothing",
)


@pytest.fixture(params=["light", "dark"])
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """What is seriously wrong with a page: rules, and the first element that breaks each."""
    tool = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def faults(page: Page) -> list[str]:
        page.wait_for_load_state("networkidle")
        found: list[dict[str, Any]] = tool.run(page).response["violations"]
        return [
            f"{fault['id']}: {fault['nodes'][0]['html']}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]

    return faults


def test_pages(themed: Page, site: Site, axe: Callable[[Page], list[str]]) -> None:
    for address in ADDRESSES:
        themed.goto(site.url + address)
        assert axe(themed) == [], address


def test_filters(themed: Page, site: Site, axe: Callable[[Page], list[str]]) -> None:
    themed.goto(site.url + "/?q=red")
    themed.locator("#filters > summary").click()
    assert axe(themed) == []


def test_a_library_without_pictures(
    themed: Page, tmp_path: Path, axe: Callable[[Page], list[str]]
) -> None:
    site = Site(make_library(tmp_path, []))
    for address in ("/", "/status"):
        themed.goto(site.url + address)
        assert axe(themed) == [], address
    site.stop()


def test_a_picture_and_what_is_said_about_it(
    themed: Page, site: Site, tmp_path: Path, axe: Callable[[Page], list[str]]
) -> None:
    themed.goto(site.url)
    scan = encoded(plain((200, 30, 30)), "TIFF")
    choose(themed, saved(tmp_path, scan, "scan.tif"))
    themed.locator("#chips .symbol").wait_for()
    assert axe(themed) == []
    drop(themed, {"text.jpg": b"text"})
    themed.get_by_role("alert").wait_for()
    assert axe(themed) == []


def test_a_server_that_asks_to_wait(
    themed: Page, site: Site, axe: Callable[[Page], list[str]]
) -> None:

    themed.goto(site.url + "/?q=red")
    site.refuse = lambda: Response("later", 503, {"Retry-After": "100"})
    search_for(themed, "cherry")
    themed.get_by_text("Trying again in").wait_for()
    assert axe(themed) == []


def test_new_and_missing_pictures(
    themed: Page, tmp_path: Path, axe: Callable[[Page], list[str]]
) -> None:
    library = fruit_library(tmp_path)
    site = Site(library)
    themed.route("**/images/*/thumb**", lambda route: route.fulfill(status=404))
    themed.clock.install()
    themed.goto(site.url)
    themed.locator(".missing").first.wait_for()
    add_pictures(library, [Picture("a plum", b"plum.jpg", jpeg((90, 9, 90)))])
    themed.clock.run_for(10_000)
    themed.locator(".offer").wait_for()
    assert axe(themed) == []
    site.stop()
