"""What a page keeps, follows and says while somebody uses it, and how it lies on a screen."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.pictures import encoded, jpeg, numbered
from tests.web.browsing import IN_BROWSER, Site, captions, search_for
from tests.web.library import FRUIT, Picture, add_pictures, fruit_library, make_library

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request, Route

pytestmark = IN_BROWSER

MINUTE = 60_000  # ms


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """The fruits, in a library that a test may change."""
    site = Site(fruit_library(tmp_path))
    yield site
    site.stop()


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[Site]:
    site = Site(make_library(tmp_path, []))
    yield site
    site.stop()


def plums(count: int, first: int = 0) -> list[Picture]:
    return [
        Picture(f"a plum number {n}", b"plum/%d.png" % n, encoded(numbered((90, 40, 90), n)))
        for n in range(first, first + count)
    ]


# --- one request after another ------------------------------------------------------------------


def test_the_page_is_busy_until_the_newest_answer_is_there(page: Page, site: Site) -> None:
    page.goto(site.url)
    held: list[Route] = []
    page.route("**/?q=*", lambda route: held.append(route))
    busy = page.locator("#results[aria-busy=true]")
    search_for(page, "cherry")
    search_for(page, "car")
    while len(held) < 2:
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)  # the older one has been ended by now
    assert busy.count() == 1
    held[-1].continue_()
    page.locator("#summary q", has_text="car").wait_for()
    busy.wait_for(state="detached")
    with suppress(Exception):
        held[0].abort()


def test_load_more_does_not_end_a_search(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=plum")
    held: list[Route] = []
    page.route("**/?q=car", lambda route: held.append(route))
    search_for(page, "car")
    while not held:
        page.wait_for_timeout(50)
    page.get_by_role("link", name="Load more").click()
    held[0].continue_()
    page.locator("#summary q", has_text="car").wait_for()
    assert captions(page) == ["a blue car"]


# --- there and back -----------------------------------------------------------------------------


def load_all_plums(page: Page, site: Site) -> int:
    """60 plums, scrolled to the fiftieth. Gives the scroll position."""
    page.set_viewport_size({"width": 800, "height": 500})
    page.goto(site.url + "/?q=plum")
    page.get_by_role("link", name="Load more").click()
    page.locator("#results .card").nth(59).wait_for()
    page.locator("#results .card").nth(49).scroll_into_view_if_needed()
    page.mouse.move(5, 5)
    return scroll(page)


def scroll(page: Page) -> int:
    return int(page.evaluate("Math.round(scrollY)"))


def wait_for_place(page: Page, cards: int, position: int) -> None:
    page.wait_for_function(
        """([cards, position]) => Math.abs(scrollY - position) < 3
            && document.querySelectorAll("#results .card").length === cards""",
        arg=[cards, position],
    )


def test_back_from_find_similar_keeps_what_was_loaded_and_the_place(page: Page, site: Site) -> None:
    position = load_all_plums(page, site)
    shown = captions(page)
    assert position > 500
    card = page.locator("#results .card").nth(49)
    card.hover()
    position = scroll(page)
    card.locator(".near").click()
    page.wait_for_url("**/?image_id=*")
    page.get_by_text("Similar to").wait_for()
    assert scroll(page) == 0
    page.go_back()
    wait_for_place(page, 60, position)
    assert captions(page) == shown
    page.go_forward()
    page.get_by_text("Similar to").wait_for()
    page.go_back()
    wait_for_place(page, 60, position)


def test_forward_leads_to_the_place_that_was_left(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 800, "height": 500})
    page.goto(site.url + "/?q=cherry")
    search_for(page, "plum")
    page.locator("#summary q", has_text="plum").wait_for()
    page.get_by_role("link", name="Load more").click()
    page.locator("#results .card").nth(59).wait_for()
    page.evaluate("scrollTo(0, 1500)")
    page.wait_for_timeout(500)  # until scrolling has settled
    position = scroll(page)
    page.go_back()
    page.locator("#summary q", has_text="cherry").wait_for()
    page.go_forward()
    page.locator("#summary q", has_text="plum").wait_for()
    wait_for_place(page, 60, position)


@pytest.mark.parametrize("way", ["back", "reload"])
def test_a_page_that_is_loaded_again_has_what_was_loaded_and_the_place(
    page: Page, site: Site, way: str
) -> None:
    load_all_plums(page, site)
    page.wait_for_timeout(500)
    position = scroll(page)
    if way == "back":
        page.locator("#results .open").nth(49).click()
        page.wait_for_url("**/images/*")
        page.go_back()
    else:
        page.reload()
    wait_for_place(page, 60, position)


# --- several values of one filter ---------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False])
def test_a_change_of_order_keeps_all_values_of_a_filter(
    browser: Browser, site: Site, scripts: bool
) -> None:
    given = ["orientation=portrait", "orientation=square", "folder=fruit", "folder=plum"]
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{site.url}/?q=apple&{'&'.join(given)}")
    page.locator("#filters > summary").click()
    page.locator("#sort").select_option("newest")
    if not scripts:
        page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**sort=newest**")
    assert sorted(re.findall(r"(?:orientation|folder)=\w+", page.url)) == sorted(given)
    for value in ("portrait", "square", "in folder fruit", "in folder plum"):
        assert page.get_by_label(f"Remove the filter {value}").count() == 1
    context.close()


def test_one_of_several_values_can_be_changed_and_taken_away(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=apple&orientation=portrait&orientation=square")
    page.locator("#filters > summary").click()
    page.locator("#orientation").select_option("landscape")
    page.wait_for_url("**/?q=apple&orientation=landscape")
    page.goto(site.url + "/?q=apple&orientation=portrait&orientation=square")
    page.get_by_label("Remove the filter portrait").click()
    page.wait_for_url("**/?q=apple&orientation=square")
    page.locator("#filters > summary").click()
    page.locator("#sort").select_option("oldest")
    page.wait_for_url("**/?q=apple&orientation=square&sort=oldest")


# --- the grid -----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_all_rows_but_the_last_are_as_wide_as_the_page(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    """Squares that stand alone beside panoramas, which do not fit into the row with them."""
    shapes = [(100, 100), (250, 100), (100, 100), (178, 100), (67, 100), (200, 100)] * 6
    site = Site(
        make_library(
            tmp_path,
            [
                Picture(None, b"%d.jpg" % n, jpeg((n, 90, 90), shape))
                for n, shape in enumerate([*shapes, (100, 100)])
            ],
        )
    )
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(site.url)
    page.get_by_role("link", name="Load more").click()
    page.locator("#results .card").nth(36).wait_for()
    grid, cards, row = page.evaluate(
        """() => {
            const grid = document.querySelector("#results .grid");
            const box = (part) => part.getBoundingClientRect().toJSON();
            const row = parseFloat(getComputedStyle(grid).getPropertyValue("--row"));
            return [box(grid), [...grid.querySelectorAll(".open")].map(box), row];
        }"""
    )
    context.close()
    site.stop()
    rows = list(by_top(cards))
    assert [round(row[-1]["right"] - grid["right"]) for row in rows[:-1]] == [0] * (len(rows) - 1)
    assert all(round(card["height"]) <= 2.4 * row for card in cards)
    assert rows[-1][-1]["height"] <= row + 1  # the last row is not stretched
    assert all(len({round(card["height"]) for card in row}) == 1 for row in rows)


def by_top(cards: list[dict[str, float]]) -> Iterator[list[dict[str, float]]]:
    tops = sorted({round(card["top"]) for card in cards})
    for top in tops:
        yield [card for card in cards if round(card["top"]) == top]


# --- files that are gone --------------------------------------------------------------------------


def lose(library: Path, name: str) -> None:
    """The file of a picture, and the thumbnail that was made of it."""
    (library.parent / "photos" / "fruit" / name).unlink()
    for thumbnail in (library / "thumbs").rglob("*.jpg"):
        thumbnail.unlink()


def test_a_tile_without_a_picture_says_so(page: Page, own_site: Site, tmp_path: Path) -> None:
    lose(tmp_path / "library", "apple.jpg")
    page.goto(own_site.url + "/?q=red")
    tile = page.locator(".open.missing")
    tile.get_by_text("Not available").wait_for()
    assert tile.count() == 1
    assert tile.get_by_role("img").get_attribute("alt") == "a red apple on a table"
    assert page.evaluate("getComputedStyle(document.querySelector('.missing img')).opacity") == "0"
    search_for(page, "apple")
    page.locator("#summary q", has_text="apple").wait_for()
    page.locator(".open.missing").wait_for()
    assert page.locator(".open:not(.missing)").count() == 1


def test_the_page_of_a_lost_file_says_so(page: Page, own_site: Site, tmp_path: Path) -> None:
    lose(tmp_path / "library", "apple.jpg")
    page.goto(own_site.url + "/images/1")
    page.locator(".frame.missing").get_by_text("Not available").wait_for()
    page.locator(".lost", has_text="is gone").wait_for()
    assert page.get_by_role("link", name="Download original").count() == 0


def test_a_download_of_a_file_that_went_meanwhile_says_so(
    page: Page, own_site: Site, tmp_path: Path
) -> None:
    page.goto(own_site.url + "/images/1")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download original").click()
    assert started.value.suggested_filename == "apple.jpg"
    lose(tmp_path / "library", "apple.jpg")
    page.get_by_role("link", name="Download original").click()
    page.get_by_role("alert").filter(has_text="is gone").wait_for()


# --- a library that grows -------------------------------------------------------------------------


def test_the_first_pictures_appear_by_themselves(
    page: Page, empty_site: Site, tmp_path: Path
) -> None:
    page.clock.install()
    page.goto(empty_site.url)
    page.get_by_role("heading", name="Nothing indexed yet").wait_for()
    add_pictures(tmp_path / "library", FRUIT)
    page.clock.run_for(10_000)
    page.locator("#results .card").nth(3).wait_for()
    assert page.get_by_text("Nothing indexed yet").count() == 0
    assert "4 pictures" in page.locator("#summary").inner_text()


def test_new_pictures_are_counted_and_offered_and_nothing_moves(
    page: Page, own_site: Site, tmp_path: Path
) -> None:
    add_pictures(tmp_path / "library", plums(40))
    page.clock.install()
    page.goto(own_site.url)
    page.evaluate("scrollTo(0, 300)")
    shown = captions(page)
    where = page.locator("#results .card").nth(8).bounding_box()
    add_pictures(tmp_path / "library", plums(12, first=40))
    page.clock.run_for(10_000)
    offer = page.get_by_role("button", name="12 new pictures: show them")
    offer.wait_for()
    assert "56 pictures" in page.locator("#summary").inner_text()
    assert captions(page) == shown
    assert page.locator("#results .card").nth(8).bounding_box() == where
    offer.click()
    page.get_by_label("plum number 51").first.wait_for()
    assert offer.is_hidden()
    assert scroll(page) == 0


def test_a_search_is_offered_again_when_there_are_new_pictures(
    page: Page, own_site: Site, tmp_path: Path
) -> None:
    page.clock.install()
    page.goto(own_site.url + "/?q=cherry")
    asked = len(own_site.engine.asked)
    add_pictures(tmp_path / "library", [Picture("a sweet cherry", b"s.jpg", jpeg((90, 9, 9)))])
    page.clock.run_for(10_000)
    offer = page.get_by_role("button", name="1 new picture: search again")
    offer.wait_for()
    assert len(own_site.engine.asked) == asked
    page.get_by_label("Not now").click()
    assert offer.is_hidden()
    page.reload()
    assert len(captions(page)) == 2


def test_the_library_page_counts_on(page: Page, own_site: Site, tmp_path: Path) -> None:
    page.clock.install()
    page.goto(own_site.url + "/status")
    add_pictures(tmp_path / "library", plums(3))
    page.clock.run_for(10_000)
    page.locator(".counts dd").first.filter(has_text="7").wait_for()


def asked_for_stats(page: Page) -> list[str]:
    seen: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/stats"):
            seen.append(request.url)

    page.on("request", note)
    return seen


def pass_time(page: Page, minutes: float) -> None:
    """In steps, so that answers arrive between two looks."""
    for _ in range(int(minutes * 12)):
        page.clock.run_for(MINUTE / 12)
        page.wait_for_timeout(20)


def test_a_page_looks_for_changes_seldom_and_only_while_it_is_seen(page: Page, site: Site) -> None:
    seen = asked_for_stats(page)
    page.clock.install()
    page.goto(site.url)
    pass_time(page, 5)
    assert 3 <= len(seen) <= 20
    del seen[:]
    hide(page, True)
    pass_time(page, 3)
    assert seen == []
    hide(page, False)
    pass_time(page, 0.2)
    assert len(seen) >= 1


def hide(page: Page, hidden: bool) -> None:
    """As if another tab came before this one."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_server_that_restarts_is_no_error(page: Page, own_site: Site, tmp_path: Path) -> None:
    page.clock.install()
    page.goto(own_site.url)
    page.context.set_offline(True)
    pass_time(page, 2)
    assert page.get_by_role("alert").count() == 0
    add_pictures(tmp_path / "library", plums(2))
    page.context.set_offline(False)
    pass_time(page, 2)
    page.get_by_role("button", name="2 new pictures").wait_for()


# --- focus, fingers, colours ----------------------------------------------------------------------


def test_focus_goes_to_the_next_chip_and_then_to_the_box(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=apple&orientation=portrait&format=JPEG")
    page.get_by_label("Remove the filter portrait").press("Enter")
    page.wait_for_url("**/?q=apple&format=JPEG")
    page.wait_for_function("() => document.activeElement.ariaLabel === 'Remove the filter JPEG'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=apple")
    page.wait_for_function("() => document.activeElement.id === 'q'")


def test_focus_stays_on_the_page_after_find_similar(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=apple")
    page.locator(".near").first.press("Enter")
    page.get_by_text("Similar to").wait_for()
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_skip_link_keeps_the_picture(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=apple")
    page.locator(".skip").press("Enter")
    page.wait_for_url("**#main")
    page.go_back()
    page.wait_for_url("**/?q=apple")
    assert len(captions(page)) == 2


def test_what_fingers_touch_is_large(browser: Browser, site: Site) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(site.url + "/?q=plum&orientation=portrait")
    page.locator("#filters > summary").click()
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, summary, select, input, .chip a, .button")]
            .filter((part) => part.checkVisibility() && part.type !== "hidden")
            .map((part) => [part.outerHTML.slice(0, 60), part.getBoundingClientRect().height])
            .filter(([, height]) => height && height < 44)"""
    )
    context.close()
    assert small == []


def shot(page: Page, selector: str) -> Image.Image:
    return Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_cross_in_the_box_has_a_colour_of_ours(
    browser: Browser, site: Site, scheme: Any
) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(site.url + "/?q=plum")
    page.locator("#q").focus()
    pixels = shot(page, "#q").get_flattened_data()
    context.close()
    assert [p for p in pixels if p[2] > p[0] + 60 and p[2] > p[1] + 40] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_logo_stands_out_from_its_ground(browser: Browser, site: Site, scheme: Any) -> None:
    """The handle of the glass is plum and nothing else."""
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(site.url)
    page.wait_for_load_state("networkidle")
    logo = shot(page, ".brand img")
    context.close()
    ground = logo.getpixel((0, 0))
    handle = logo.crop((20, 22, 30, 30)).get_flattened_data()
    assert max(contrast(colour, ground) for colour in handle) >= 4.5


def contrast(one: Any, other: Any) -> float:
    """Of two colours, by WCAG 2.2."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: tuple[int, int, int]) -> float:
    parts = [part / 255 for part in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("value", "left"),
    [("", "**/?q=plum"), ("landscape", "**/?q=plum&orientation=landscape")],
    ids=["any", "landscape"],
)
def test_a_field_that_is_changed_drops_the_further_values_it_had(
    page: Page, site: Site, value: str, left: str
) -> None:
    page.goto(site.url + "/?q=plum&orientation=portrait&orientation=square")
    page.locator("#filters > summary").click()
    page.get_by_label("Order").select_option("newest")
    page.wait_for_url("**orientation=portrait&orientation=square*")
    page.get_by_label("Order").select_option("")
    page.wait_for_url("**orientation=portrait&orientation=square")
    page.get_by_label("Shape").select_option(value)
    page.wait_for_url(left)
    assert page.get_by_label("Shape").input_value() == value
