"""The page in a real browser: what a person does, and what no page of ours may ever do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pictures import jpeg
from tests.web.browsing import IN_BROWSER, Site, captions, choose, drop, paste, saved, transfer
from tests.web.test_security import NASTY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = IN_BROWSER


def test_typing_and_enter_give_results_and_an_address(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.locator("#q").fill("red apple")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/?q=red+apple")
    page.locator("#summary q").wait_for()
    assert captions(page)[0] == "a red apple on a table"
    assert page.locator("#summary").get_attribute("role") == "status"
    assert page.title() == "red apple · Pomona"
    page.go_back()
    page.get_by_role("heading", name="Newest pictures").wait_for()
    assert page.locator("#q").input_value() == ""
    page.go_forward()
    page.locator("#summary q").wait_for()
    page.reload()
    assert page.locator("#q").input_value() == "red apple"


def test_a_picture_by_button_shows_what_it_is(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(site.url)
    choose(page, saved(tmp_path, jpeg((205, 25, 35))))
    page.get_by_role("heading", name="What your picture shows").wait_for()
    assert page.locator("#chips img").get_attribute("src").startswith("blob:")  # type: ignore[union-attr]
    assert captions(page)[0] in ("a red apple on a table", "a red cherry")
    page.locator("#q").fill("cherry")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/?q=cherry")
    page.get_by_text("and your picture").wait_for()
    assert captions(page)[0] == "a red cherry"
    page.get_by_label("Do not compare with your picture").click()
    page.locator("#chips li").wait_for(state="detached")
    assert site.engine.asked[-1].image is None


def test_a_picture_may_be_dropped_anywhere(page: Page, site: Site) -> None:
    page.goto(site.url)
    dropped = {"dataTransfer": transfer(page, {"mine.jpg": jpeg((20, 30, 200))})}
    page.dispatch_event("main", "dragover", dropped)
    assert page.locator("#drop").is_visible()
    page.dispatch_event("main", "drop", dropped)
    page.get_by_role("heading", name="What your picture shows").wait_for()
    assert captions(page)[0] == "a blue car"
    assert not page.locator("#drop").is_visible()


def test_a_picture_may_be_pasted(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=red")
    paste(page, {"mine.jpg": jpeg((30, 200, 30))})
    page.get_by_text("and your picture").wait_for()
    assert site.engine.asked[-1].image is not None


def test_a_picture_dropped_on_another_page_is_searched_with(page: Page, site: Site) -> None:
    page.goto(site.url + "/images/2")
    drop(page, {"x.jpg": jpeg((20, 30, 200))})
    page.get_by_role("heading", name="What your picture shows").wait_for()
    assert captions(page)[0] == "a blue car"


def test_what_is_no_picture_is_said_and_the_page_goes_on(page: Page, site: Site) -> None:
    page.goto(site.url)
    drop(page, {"text.jpg": b"text"})
    page.get_by_role("heading", name="That picture cannot be read").wait_for()
    page.locator("#q").fill("cherry")
    page.locator("#q").press("Enter")
    page.locator("#summary q", has_text="cherry").wait_for()
    assert captions(page)[0] == "a red cherry"


def test_find_similar_leads_on_and_back(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=apple")
    card = page.locator(".card", has=page.locator("img[alt='a red apple on a table']"))
    card.hover()
    card.locator(".near").click()
    page.wait_for_url("**/?image_id=1")
    page.get_by_text("Similar to a red apple on a table").wait_for()
    assert captions(page)[0] == "a red cherry"
    page.go_back()
    page.wait_for_url("**/?q=apple")
    page.get_by_text("Similar to").wait_for(state="detached")
    assert set(captions(page)) == {"a red apple on a table", "a green apple"}
    page.get_by_role("link", name="a red apple on a table", exact=True).click()
    page.wait_for_url("**/images/1")
    page.get_by_role("link", name="Find similar", exact=True).click()
    page.wait_for_url("**/?image_id=1")


def test_filters_act_at_once_and_can_be_taken_away(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=apple")
    page.locator("#filters > summary").click()
    page.locator("#orientation").select_option("portrait")
    page.wait_for_url("**/?q=apple&orientation=portrait")
    page.get_by_label("Remove the filter portrait").wait_for()
    assert captions(page) == ["a green apple"]
    page.get_by_label("Remove the filter portrait").click()
    page.wait_for_url("**/?q=apple")
    page.locator("#chips li").wait_for(state="detached")
    assert page.locator("#orientation").input_value() == ""
    assert len(captions(page)) == 2


def test_load_more_adds_below_and_moves_the_focus_there(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=plum")
    assert page.locator("#results .card").count() == 36
    page.get_by_role("link", name="Load more").click()
    page.locator("#results .card").nth(59).wait_for()
    shown = captions(page)
    assert len(shown) == len(set(shown)) == 60
    focused = page.evaluate("document.activeElement.querySelector('img').alt")
    assert focused == shown[36]
    assert page.get_by_role("link", name="Load more").count() == 0


def test_the_newest_question_wins_over_a_slow_one(page: Page, site: Site) -> None:
    page.goto(site.url)

    def hold(route: object) -> None:
        page.wait_for_timeout(600)
        route.continue_()  # type: ignore[attr-defined]

    page.route("**/?q=cherry", hold)
    page.locator("#q").fill("cherry")
    page.locator("#q").press("Enter")
    page.locator("#q").fill("car")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/?q=car")
    page.wait_for_timeout(900)
    assert captions(page) == ["a blue car"]


def test_a_server_that_is_gone_is_said(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=red")
    page.route("**/?q=car", lambda route: route.abort())
    page.locator("#q").fill("car")
    page.locator("#q").press("Enter")
    page.get_by_role("alert").filter(has_text="cannot be reached").wait_for()


def test_without_javascript_everything_still_works(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url)
    page.locator("#q").fill("plum")
    page.locator("#q").press("Enter")
    assert page.url == site.url + "/?q=plum"
    assert len(captions(page)) == 36
    page.get_by_role("link", name="Next").click()
    assert len(captions(page)) == 24
    page.locator(".open").first.click()
    assert "/images/" in page.url
    page.goto(site.url)
    page.locator("#pick > summary").click()
    page.locator("#image").set_input_files(
        {"name": "mine.jpg", "mimeType": "image/jpeg", "buffer": jpeg((20, 30, 200))}
    )
    page.get_by_role("button", name="Search with this picture").click()
    page.get_by_role("heading", name="What your picture shows").wait_for()
    assert captions(page)[0] == "a blue car"
    page.goto(site.url + "/?q=apple")
    page.locator("#filters > summary").click()
    page.locator("#orientation").select_option("portrait")
    page.get_by_role("button", name="Apply").click()
    assert page.url == site.url + "/?q=apple&orientation=portrait"
    context.close()


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_no_page_scrolls_sideways_and_targets_are_large(
    browser: Browser, site: Site, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    for path in (
        "/",
        "/?q=plum&orientation=portrait",
        "/?image_id=1",
        "/?q=zebra",
        "/images/5",
        "/status",
        "/nothing",
    ):
        page.goto(site.url + path)
        for opener in page.locator("#filters > summary, .list > summary").all():
            opener.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        small = page.evaluate(
            """() => [...document.querySelectorAll("a, button, summary, select, input")]
                .filter((part) => part.checkVisibility() && part.type !== "hidden")
                .filter((part) => !part.closest(".skip, p, dd, dt"))
                .map((part) => [part.outerHTML.slice(0, 80), part.getBoundingClientRect()])
                .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
                .map(([html]) => html)"""
        )
        assert small == [], path
    context.close()


def test_text_stands_out_from_its_ground(browser: Browser, site: Site) -> None:
    """WCAG 1.4.3: 4.5 to 1 for every pair of colours that the style sheet sets text in."""
    pairs = [("--ink", "--paper"), ("--muted", "--paper"), ("--muted", "--surface"),
             ("--plum", "--paper"), ("--plum", "--surface"), ("--plum", "--plum-wash"),
             ("--on-plum", "--plum"), ("--leaf", "--surface"), ("--ink", "--plum-wash"),
             ("--muted", "--sunken")]  # fmt: skip
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(site.url)
        for ink, paper in pairs:
            one, other = (
                page.evaluate(
                    "name => getComputedStyle(document.body).getPropertyValue(name)", name
                )
                for name in (ink, paper)
            )
            assert contrast(one, other) >= 4.5, (scheme, ink, paper)
        context.close()


def contrast(one: str, other: str) -> float:
    """Of two #rrggbb colours, by WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_markup_in_captions_is_only_text(page: Page, site: Site) -> None:
    for number in range(65, 65 + len(NASTY)):
        page.goto(f"{site.url}/images/{number}")
        assert page.locator("h1").inner_text() in NASTY
    for text in NASTY:
        page.goto(site.url)
        page.locator("#q").fill(text)
        page.locator("#q").press("Enter")
        page.locator("#summary q").wait_for()
        assert page.locator("#summary q").text_content() == text
    page.goto(site.url + "/status")


def test_a_keyboard_reaches_the_pictures(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=apple")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.locator("main:focus").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "open"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "near"
    page.wait_for_timeout(300)
    assert page.evaluate("getComputedStyle(document.activeElement).opacity") == "1"
    page.keyboard.press("Enter")
    page.wait_for_url("**/?image_id=*")


def test_the_layout_stays_where_it_is(page: Page, site: Site) -> None:
    """Cumulative layout shift at most 0.02 while results come in."""
    page.goto(site.url + "/?q=plum")
    page.wait_for_load_state("networkidle")
    shift = page.evaluate(
        """() => new Promise((tell) => {
            let sum = 0;
            new PerformanceObserver((list) => {
                const moved = list.getEntries().filter((entry) => !entry.hadRecentInput);
                for (const entry of moved) sum += entry.value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => tell(sum), 200);
        })"""
    )
    assert shift <= 0.02
