"""The first page proposes what this library can answer."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from flask.testing import FlaskClient

from search.settings import Settings
from tests.pictures import jpeg
from tests.web.library import Picture, WatchedEngine, make_library
from web import create_app


def proposed(page: str) -> list[str]:
    if 'aria-label="Examples"' not in page:
        return []
    part = page[page.index('aria-label="Examples"') :]
    return re.findall(r'<a href="([^"]+)">', part[: part.index("</ul>")])


def test_each_example_finds_something_strong(client: FlaskClient) -> None:
    addresses = proposed(client.get("/").text)
    assert addresses == ["/?q=blue+car", "/?q=green+apple", "/?q=red+cherry"]
    for address in addresses:
        assert 'data-relevance="strong"' in client.get(address).text, address


def test_another_library_has_other_examples(tmp_path: Path) -> None:
    boats = [Picture(f"a sailing boat {n}", b"%d.jpg" % n, jpeg((9 * n, 0, 90))) for n in range(3)]
    library = make_library(tmp_path, boats)
    with closing(WatchedEngine(library)) as engine:
        client = create_app(Settings(library=library), engine).test_client()
        addresses = proposed(client.get("/").text)
    assert addresses[0].startswith("/?q=sailing+boat")
    assert "apple" not in "".join(addresses)


def test_a_library_without_captions_or_without_pictures_proposes_nothing(tmp_path: Path) -> None:
    for name, pictures in (("none", []), ("bare", [Picture(None, b"a.jpg", jpeg((1, 2, 3)))])):
        (tmp_path / name).mkdir()
        library = make_library(tmp_path / name, pictures)
        with closing(WatchedEngine(library)) as engine:
            client = create_app(Settings(library=library), engine).test_client()
            assert proposed(client.get("/").text) == []
