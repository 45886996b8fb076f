"""A server and a real browser before it, for tests of what a person sees and does."""

from __future__ import annotations

import base64
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIServer

import pytest
from flask import Response, request
from werkzeug.serving import make_server

from search.settings import Settings
from tests.pictures import jpeg
from tests.web.library import Picture, WatchedEngine, fruit_library
from tests.web.test_security import NASTY
from web import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
    console.error("policy " + event.violatedDirective));
"""

IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Site:
    """A server over the real engine, in a thread of its own."""

    def __init__(self, library: Path) -> None:
        self.engine = WatchedEngine(library)
        self.refuse: Callable[[], Response | None] | None = None  # what the search page gives
        app = create_app(Settings(library=library), self.engine)
        app.before_request(self._refused)
        self._server: WSGIServer = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _refused(self) -> Response | None:
        return self.refuse() if self.refuse and request.path == "/" else None

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.engine.close()


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fruits, sixty plums, and captions that are markup; only to be read."""
    plums = [
        Picture(f"a plum number {n}", b"plum/%d.jpg" % n, jpeg((90, n, 90), (40 + n, 50)))
        for n in range(60)
    ]
    nasty = [
        Picture(text, b"n/%d.jpg" % n, jpeg((n, n, n)), collection=text)
        for n, text in enumerate(NASTY)
    ]
    return fruit_library(tmp_path_factory.mktemp("market"), plums + nasty)


@pytest.fixture
def site(market: Path) -> Iterator[Site]:
    site = Site(market)
    yield site
    site.stop()


class Watch:
    """Collects what must not happen on a page."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        self._origin = ""
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self._asked(request.url))

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.faults.append(f"console: {text}")

    def _asked(self, url: str) -> None:
        """The first address is that of the site."""
        self._origin = self._origin or "/".join(url.split("/", 3)[:3])
        if not url.startswith((self._origin + "/", "blob:", "data:")):
            self.faults.append(f"request: {url}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test if it ever breaks its policy or asks another origin."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.add_init_script(TELL_VIOLATIONS)
    page = context.new_page()
    page.set_default_timeout(30_000)
    watch = Watch(page)
    yield page
    context.close()
    assert watch.faults == []


def captions(page: Page) -> list[str]:
    return [tag.get_attribute("alt") or "" for tag in page.locator("#results .open img").all()]


def transfer(page: Page, files: dict[str, bytes]) -> object:
    """A DataTransfer that holds these files."""
    return page.evaluate_handle(
        """(files) => {
            const carried = new DataTransfer();
            for (const [name, text] of Object.entries(files)) {
                const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
                const type = name.endsWith(".txt") ? "text/plain" : "image/jpeg";
                carried.items.add(new File([bytes], name, { type }));
            }
            return carried;
        }""",
        {name: base64.b64encode(data).decode() for name, data in files.items()},
    )


def choose(page: Page, file: Path) -> None:
    """A picture by the button."""
    with page.expect_file_chooser() as chosen:
        page.locator("#pick > summary").click()
    chosen.value.set_files(file)


def saved(folder: Path, data: bytes, name: str = "mine.jpg") -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


def drop(page: Page, files: dict[str, bytes]) -> None:
    page.dispatch_event("main", "drop", {"dataTransfer": transfer(page, files)})


def paste(page: Page, files: dict[str, bytes]) -> None:
    page.evaluate(
        """(carried) => {
            const given = { clipboardData: carried, bubbles: true, cancelable: true };
            document.body.dispatchEvent(new ClipboardEvent("paste", given));
        }""",
        transfer(page, files),
    )


def search_for(page: Page, words: str) -> None:
    page.locator("#q").fill(words)
    page.locator("#q").press("Enter")
