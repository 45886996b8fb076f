"""Pictures to search with, as people have them: large, turned, damaged, or none at all."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from flask import Response
from PIL import Image, ImageOps
from werkzeug.exceptions import RequestEntityTooLarge

from search.errors import OverloadedError
from search.images import LocalDecoder
from search.records import Vectors
from tests.pictures import encoded, exif, jpeg, noise_jpeg
from tests.web.browsing import (
    IN_BROWSER,
    Site,
    captions,
    choose,
    drop,
    paste,
    saved,
    search_for,
    transfer,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = IN_BROWSER

MB = 1_000_000
LONG_SIDE = 1024  # px that are sent at most
CHIP = "#chips [data-posted]"
WAYS: dict[str, Callable[[Page, Path], None]] = {
    "button": choose,
    "drop": lambda page, file: drop(page, {file.name: file.read_bytes()}),
    "paste": lambda page, file: paste(page, {file.name: file.read_bytes()}),
}


def photograph(quality: int = 92, width: int = 4032, height: int = 3024, turn: int = 6) -> bytes:
    """Four areas of colour with grain, as a phone held upright saves it: 12 megapixels, turned."""
    colours = np.array([[[200, 30, 30], [30, 160, 40]], [[40, 50, 190], [220, 210, 60]]], np.uint8)
    areas = Image.fromarray(colours).resize((width, height), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(5).integers(-14, 15, (height, width, 1), np.int16)
    pixels = np.clip(np.asarray(areas, np.int16) + grain, 0, 255).astype(np.uint8)
    return encoded(Image.fromarray(pixels), "JPEG", quality=quality, exif=exif(orientation=turn))


def arrived(page: Page, site: Site) -> Image.Image:
    """The picture that the server was asked with, as it came."""
    page.locator(CHIP).wait_for()
    data = site.engine.asked[-1].image
    assert data is not None
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two upright pictures, in steps of 255."""
    small = [np.asarray(im.convert("RGB").resize((64, 64)), np.float64) for im in (one, other)]
    return float(np.abs(small[0] - small[1]).mean())


@pytest.mark.parametrize("way", WAYS)
def test_a_photograph_of_a_phone_arrives_small_and_upright(
    page: Page, site: Site, tmp_path: Path, way: str
) -> None:
    data = photograph()
    assert 3 * MB < len(data) < 12 * MB
    page.goto(site.url)
    WAYS[way](page, saved(tmp_path, data))
    picture = arrived(page, site)
    assert picture.size == (768, 1024)
    assert len(site.engine.asked[-1].image or b"") < MB
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert difference(ImageOps.exif_transpose(picture), upright) < 3


@pytest.mark.parametrize("least", [300_000, 800_000, 5 * MB, 19 * MB, 25 * MB])
def test_no_size_of_a_photograph_matters(
    page: Page, site: Site, tmp_path: Path, least: int
) -> None:
    data = noise_jpeg(least)
    page.goto(site.url)
    choose(page, saved(tmp_path, data))
    picture = arrived(page, site)
    assert max(picture.size) <= LONG_SIDE
    assert difference(picture, Image.open(io.BytesIO(data))) < 12  # noise, most of it grey by now


def test_what_is_small_already_goes_as_it_is(page: Page, site: Site, tmp_path: Path) -> None:
    data = encoded(Image.new("RGB", (1600, 1200), (200, 30, 30)), "JPEG", exif=exif(orientation=6))
    page.goto(site.url)
    choose(page, saved(tmp_path, data))
    arrived(page, site)
    assert site.engine.asked[-1].image == data


def test_what_the_browser_cannot_read_goes_as_it_is(page: Page, site: Site, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (400, 400, 3), np.uint8)
    data = encoded(Image.fromarray(pixels), "TIFF")
    page.goto(site.url)
    choose(page, saved(tmp_path, data, "scan.tif"))
    arrived(page, site)
    assert site.engine.asked[-1].image == data


def test_transparent_parts_arrive_white(page: Page, site: Site, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (1400, 1400, 4), np.uint8)
    pixels[:, :700, 3] = 0
    data = encoded(Image.fromarray(pixels), "PNG")
    page.goto(site.url)
    choose(page, saved(tmp_path, data, "cut.png"))
    left = arrived(page, site).crop((0, 0, 500, 1024))
    assert np.asarray(left.convert("RGB")).min() > 245


@pytest.fixture(scope="module")
def look() -> Callable[[bytes], tuple[Vectors, Vectors]]:
    """What the embedded model makes of a file: vectors of the picture and of its caption."""
    pytest.importorskip("torch")
    from search.towers.captioning import CocaCaptioner
    from search.towers.openclip import open_encoder

    encoder = open_encoder("embedded", device="cpu", precision="float32")
    captioner = CocaCaptioner(encoder)

    def looked(data: bytes) -> tuple[Vectors, Vectors]:
        pixels = LocalDecoder().decode(data, [encoder.preprocessing], uri="it").pixels[0]
        words = captioner.write(captioner.look(pixels))
        return encoder.encode_images(pixels).vectors[0], encoder.encode_texts(words)[0]

    return looked


@pytest.mark.torch
@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_the_model_sees_the_same_in_what_arrives(
    page: Page,
    site: Site,
    tmp_path: Path,
    look: Callable[[bytes], tuple[Vectors, Vectors]],
    name: str,
) -> None:
    photo = Image.fromarray(getattr(pytest.importorskip("skimage.data"), name)())
    large = photo.resize((photo.width * 7, photo.height * 7), Image.Resampling.LANCZOS)
    data = encoded(large.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif(orientation=6))
    page.goto(site.url)
    choose(page, saved(tmp_path, data))
    assert max(arrived(page, site).size) == LONG_SIDE
    (picture, caption), (same, alike) = look(data), look(site.engine.asked[-1].image or b"")
    assert float(picture @ same) > 0.99
    assert float(caption @ alike) > 0.7  # where two words were equally likely, another may be said


def test_a_picture_dropped_on_another_page_is_small_and_held_too(page: Page, site: Site) -> None:
    page.goto(site.url + "/images/2")
    drop(page, {"p.jpg": photograph()})
    assert arrived(page, site).size == (768, 1024)
    page.locator(f"{CHIP} img").wait_for()
    search_for(page, "car")
    page.wait_for_url("**/?q=car")
    assert site.engine.asked[-1].image is not None
    page.go_back()
    page.wait_for_function("() => !document.querySelector('#summary q')")
    assert page.locator(CHIP).count() == 1
    page.go_back()
    page.wait_for_url("**/images/2")


def test_a_file_that_a_tab_has_no_room_for_is_searched_with_from_another_page_too(
    page: Page, site: Site, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (1500, 1500, 3), np.uint8)
    data = encoded(Image.fromarray(pixels), "TIFF")
    assert len(data) > 6 * MB
    page.goto(site.url + "/images/2")
    choose(page, saved(tmp_path, data, "scan.tif"))
    arrived(page, site)
    assert site.engine.asked[-1].image == data


def test_a_picture_without_a_thumbnail_is_named(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(site.url)
    scan = encoded(Image.new("RGB", (60, 40), (200, 30, 30)), "TIFF")
    choose(page, saved(tmp_path, scan, "holiday.tif"))
    page.locator(CHIP, has_text="holiday.tif").wait_for()
    assert page.locator(f"{CHIP} img").count() == 0
    assert page.locator(f"{CHIP} .symbol svg").is_visible()


def test_of_two_files_the_first_is_taken_and_that_is_said(page: Page, site: Site) -> None:
    page.goto(site.url)
    drop(page, {"car.jpg": jpeg((20, 30, 200)), "apple.jpg": jpeg((200, 30, 30))})
    said = page.get_by_role("status").filter(has_text="Only one")
    said.wait_for()
    assert "car.jpg" in said.inner_text()
    assert captions(page)[0] == "a blue car"
    assert page.get_by_role("alert").count() == 0


def test_a_page_loaded_again_says_that_its_picture_is_gone(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.goto(site.url + "/?q=plum")
    choose(page, saved(tmp_path, jpeg((200, 30, 30))))
    page.locator(CHIP).wait_for()
    page.reload()
    page.get_by_role("status").filter(has_text="is not kept when").wait_for()
    assert page.locator(CHIP).count() == 0
    assert page.locator("#q").input_value() == "plum"
    page.reload()
    page.locator("#results .card").first.wait_for()
    assert page.get_by_text("is not kept when").count() == 0


def test_back_to_a_picture_that_a_load_has_lost_says_so(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.goto(site.url)
    choose(page, saved(tmp_path, jpeg((200, 30, 30))))
    page.locator(CHIP).wait_for()
    search_for(page, "car")
    page.get_by_text("and your picture").wait_for()
    page.reload()
    page.get_by_text("is not kept when").wait_for()
    choose(page, saved(tmp_path, jpeg((20, 30, 200)), "other.jpg"))
    page.locator(CHIP).wait_for()
    page.go_back()
    page.locator(CHIP).wait_for(state="detached")
    page.go_back()
    page.get_by_text("is not kept when").wait_for()
    assert page.locator(CHIP).count() == 0


# --- refused ---------------------------------------------------------------------------------


def too_large() -> Response | None:
    raise RequestEntityTooLarge


def broken() -> Response | None:
    raise RuntimeError("a defect")


def crowded() -> Response | None:
    raise OverloadedError("too many searches are waiting")


def slowed() -> Response:
    """As a proxy before the server would say it."""
    return Response("slow down", 429, {"Retry-After": "600"}, mimetype="text/plain")


REFUSALS = [
    (too_large, "That is too large"),
    (slowed, "Too many searches at once"),
    (broken, "its log says more"),
    (crowded, "too many searches are waiting"),
]


@pytest.mark.parametrize(("refuse", "words"), REFUSALS)
def test_a_refused_picture_changes_nothing(
    page: Page, site: Site, tmp_path: Path, refuse: Callable[[], Response | None], words: str
) -> None:
    page.goto(site.url + "/?q=plum")
    shown = captions(page)
    site.refuse = refuse
    with page.expect_response(lambda response: response.request.method == "POST") as refused:
        choose(page, saved(tmp_path, jpeg((200, 30, 30))))
    said = page.locator(".notice", has=page.get_by_role("alert"))
    said.wait_for()
    assert words.lower() in said.inner_text().lower()
    in_log = refused.value.headers["x-request-id"] in said.inner_text()
    assert in_log == (refused.value.status >= 500)
    site.refuse = None
    assert_untouched(page, site, shown)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("text.jpg", b"This is a letter, not a picture.", "not a picture"),
        ("huge.jpg", b"\x00" * (21 * 1024 * 1024), "huge.jpg is larger than 20 MB"),
        ("cut.jpg", noise_jpeg(60_000)[:30_000], "cannot be read"),
    ],
    ids=["text", "huge", "truncated"],
)
def test_what_is_no_picture_changes_nothing(
    page: Page, site: Site, tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    page.goto(site.url + "/?q=plum")
    shown = captions(page)
    choose(page, saved(tmp_path, data, name))
    page.get_by_role("alert").filter(has_text=words).wait_for()
    assert_untouched(page, site, shown)


def test_a_server_out_of_reach_changes_nothing(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(site.url + "/?q=plum")
    shown = captions(page)
    page.context.set_offline(True)
    choose(page, saved(tmp_path, jpeg((200, 30, 30))))
    page.get_by_role("alert").filter(has_text="cannot be reached").wait_for()
    page.context.set_offline(False)
    assert_untouched(page, site, shown)


def assert_untouched(page: Page, site: Site, shown: list[str]) -> None:
    """The results stay, no picture is held, and the next question is the one that is typed."""
    assert captions(page) == shown
    assert page.locator(CHIP).count() == 0
    assert page.url == site.url + "/?q=plum"
    search_for(page, "cherry")
    page.locator("#summary q", has_text="cherry").wait_for()
    assert captions(page)[0] == "a red cherry"
    assert site.engine.asked[-1].image is None
    assert page.get_by_role("alert").count() == 0


def test_a_refused_picture_leaves_the_one_that_is_held(
    page: Page, site: Site, tmp_path: Path
) -> None:
    held = jpeg((20, 30, 200))
    page.goto(site.url)
    choose(page, saved(tmp_path, held, "car.jpg"))
    page.locator(CHIP).wait_for()
    shown = captions(page)
    drop(page, {"text.jpg": b"text"})
    page.get_by_role("alert").wait_for()
    assert captions(page) == shown
    assert page.locator(f"{CHIP} img").count() == 1
    search_for(page, "car")
    page.get_by_text("and your picture").wait_for()
    assert site.engine.asked[-1].image == held


def test_a_crowded_server_is_asked_again_after_the_time_that_it_names(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.goto(site.url + "/?q=plum")
    site.refuse = crowded
    choose(page, saved(tmp_path, jpeg((20, 30, 200))))
    page.get_by_text("Trying again in").wait_for()
    site.refuse = None
    page.locator(CHIP).wait_for()
    assert site.engine.asked[-1].image is not None
    assert page.locator(".notice").count() == 0


def test_a_new_question_ends_the_waiting(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(site.url + "/?q=plum")
    site.refuse = crowded
    choose(page, saved(tmp_path, jpeg((20, 30, 200))))
    page.get_by_text("Trying again in").wait_for()
    site.refuse = None
    search_for(page, "cherry")
    page.locator("#summary q", has_text="cherry").wait_for()
    page.wait_for_timeout(2500)  # longer than the server named
    assert site.engine.asked[-1].image is None
    assert captions(page)[0] == "a red cherry"


def test_a_message_can_be_closed_and_stays_in_sight_until_then(page: Page, site: Site) -> None:
    page.goto(site.url + "/?q=plum")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    where = page.evaluate("scrollY")
    page.dispatch_event("main", "drop", {"dataTransfer": transfer(page, {"text.jpg": b"text"})})
    notice = page.locator(".notice")
    notice.wait_for()
    box = notice.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 800 - box["height"]
    assert page.evaluate("scrollY") >= where
    page.get_by_label("Close this message").click()
    assert notice.count() == 0
    assert page.evaluate("document.activeElement.id") == "main"
