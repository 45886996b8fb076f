"""Every option of `indexer search` and `similar`, asked of a running server: no model is loaded."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from waitress.server import create_server

from indexer.server_file import announced
from search.settings import Settings
from tests.pictures import encoded, noise
from tests.web.library import WatchedEngine, fruit_library, make_library
from web import create_app

from .conftest import Indexer, Ran

APPLE, GREEN, CHERRY, CAR = 1, 2, 3, 4


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WatchedEngine]:
    """Three fruits and a car below photos/, and a server that answers for them."""
    library = fruit_library(tmp_path)
    with closing(WatchedEngine(library)) as engine, served(engine, library):
        yield engine


@contextmanager
def served(engine: WatchedEngine, library: Path) -> Iterator[None]:
    app = create_app(Settings(library=library), engine)
    server = create_server(app, host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    with announced(library, f"http://127.0.0.1:{server.effective_port}"):
        yield
    server.close()


def ids(ran: Ran) -> list[int]:
    assert ran.code == 0, ran.err
    return [line["id"] for line in ran.lines if line["message_type"] == "hit"]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), [CHERRY, APPLE]),
        (("--limit", "1"), [CHERRY]),
        (("--offset", "1"), [APPLE]),
        (("--not", "cherry"), [APPLE, CHERRY]),
        (("--folder", "copy1"), [CHERRY]),
        (("--collection", "default", "--collection", "cars"), [CHERRY, APPLE]),
        (("--collection", "cars"), []),
        (("--year", "2024"), [CHERRY]),
        (("--month", "2025-1", "--month", "2024-08"), [APPLE]),
        (("--taken-after", "2025-01-01"), [APPLE]),
        (("--taken-before", "2025-01-01"), [CHERRY]),
        (("--orientation", "portrait"), []),
        (("--orientation", "portrait", "--orientation", "landscape"), [CHERRY, APPLE]),
        (("--format", "jpg"), [CHERRY, APPLE]),
        (("--colour", "red", "--colour", "蓝色"), [CHERRY, APPLE]),
        (("--colour", "green"), []),
        (("--format", "PNG"), []),
        (("--sort", "newest"), [APPLE, CHERRY]),
        (("--sort", "oldest"), [CHERRY, APPLE]),
        (("--target", "caption", "--limit", "1"), [CHERRY]),
    ],
)
def test_an_option_narrows_or_orders_what_red_finds(
    indexer: Indexer, options: tuple[str, ...], found: list[int]
) -> None:
    assert ids(indexer("search", "red", "--json", *options)) == found


@pytest.mark.usefixtures("engine")
def test_the_answer_is_counted_by_what_filters_could_ask_for(indexer: Indexer) -> None:
    asked = ("search", "red", "--facets", "month,camera", "--limit", "1")
    assert "\nmonth: July 2024 1, January 2025 1\ncamera: none\n" in indexer(*asked).out
    (month, camera) = indexer(*asked, "--json").lines[-1]["facets"]
    assert {value["value"]: value["count"] for value in month["values"]} == {
        "2024-07": 1,
        "2025-01": 1,
    }
    assert camera == {"name": "camera", "values": []}
    refused = indexer("search", "red", "--facets", "nose")
    assert refused.code == 2
    assert "'nose' has no facet; these have: collection" in refused.err


def test_all_ranks_every_picture(indexer: Indexer, engine: WatchedEngine) -> None:
    assert set(ids(indexer("search", "zebra", "--all", "--json"))) == {APPLE, GREEN, CHERRY, CAR}
    assert engine.asked[-1].any_relevance


@pytest.mark.usefixtures("engine")
def test_similar_by_id_leaves_the_image_itself_out(indexer: Indexer) -> None:
    found = ids(indexer("similar", str(APPLE), "--all", "--json"))
    assert set(found) == {GREEN, CHERRY, CAR}
    assert ids(indexer("similar", str(APPLE), "--all", "--json", "--collection", "cars")) == [CAR]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("given", ["fruit", "fruit/", "{photos}/fruit", "photos/fruit", "photos/"])
def test_a_folder_may_be_relative_absolute_or_completed_by_the_shell(
    indexer: Indexer, tmp_path: Path, given: str
) -> None:
    folder = given.format(photos=tmp_path / "photos")
    ran = indexer("search", "red", "--json", "--folder", folder, cwd=tmp_path)
    assert ids(ran) == [CHERRY, APPLE]


@pytest.mark.usefixtures("engine")
def test_a_folder_above_the_root_holds_all_of_it(indexer: Indexer, tmp_path: Path) -> None:
    found = ids(indexer("search", "zebra", "--all", "--json", "--folder", os.fspath(tmp_path)))
    assert set(found) == {APPLE, GREEN, CHERRY, CAR}


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "raw"), "JPEG, PNG, WEBP, GIF, BMP, TIFF, HEIF, AVIF"),
        (("--collection", "typo"), "the library's collections are: cars, default"),
        (("--folder", "typo"), "the library's folders are: cars, copy1, copy2, fruit"),
        (("--folder", "/nowhere/at/all"), "no picture lies below '/nowhere/at/all'"),
        (("--folder", "fru"), "no picture lies below 'fru'"),
    ],
)
def test_a_filter_that_names_nothing_says_what_there_is(
    indexer: Indexer, options: tuple[str, ...], said: str
) -> None:
    ran = indexer("search", "red", *options)
    assert ran.code == 2
    assert said in ran.err
    assert "Nothing matches" not in ran.err


@pytest.mark.usefixtures("engine")
def test_what_found_nothing_is_said_as_it_is(indexer: Indexer) -> None:
    assert "Nothing matches (" in indexer("search", "zebra").err
    assert "--all" in indexer("search", "zebra").err
    assert "within these filters" in indexer("search", "red", "--format", "png").err
    nothing = indexer("search", "red", "--format", "png", "--all").err
    assert "No picture passes these filters" in nothing
    assert "--all" not in nothing


@pytest.mark.usefixtures("engine")
def test_a_hit_is_shown_on_one_line_with_its_absolute_path(
    indexer: Indexer, tmp_path: Path
) -> None:
    first = indexer("search", "a red cherry").out.splitlines()[0]
    assert str(tmp_path / "photos/fruit/cherry.jpg") in first
    assert first.split()[0] == "1"
    assert re.search(r"  a red cherry  \[caption \d\.\d\d, picture \d\.\d\d\]$", first)


def test_a_search_for_nothing_is_a_usage_error(indexer: Indexer) -> None:
    ran = indexer("search", "--json")
    assert ran.code == 2
    assert "say what to look for" in ran.err


@pytest.mark.usefixtures("engine")
def test_export_names_what_there_is_too(indexer: Indexer) -> None:
    ran = indexer("export", "--collection", "typo")
    assert ran.code == 2
    assert "the library's collections are: cars, default" in ran.err
    assert len(indexer("export", "--collection", "cars").out.splitlines()) == 1


@pytest.mark.usefixtures("engine")
def test_an_unknown_folder_names_folders_and_roots(indexer: Indexer, tmp_path: Path) -> None:
    said = indexer("search", "red", "--folder", "typo").err
    assert f"fruit, {tmp_path / 'photos'}" in said


def test_a_search_in_an_empty_library_says_that_it_is_empty(
    indexer: Indexer, tmp_path: Path
) -> None:
    library = make_library(tmp_path, [])
    with closing(WatchedEngine(library)) as engine, served(engine, library):
        for options in ((), ("--all",)):
            ran = indexer("search", "red", *options)
            assert ran.code == 0
            assert "The library is empty. Run `indexer add PATH" in ran.err


@pytest.mark.parametrize(
    ("name", "said"), [("photo.NEF", "NEF file"), ("folder", "is a folder: name a picture in it")]
)
def test_what_is_not_a_picture_by_its_name_is_refused_unopened(
    indexer: Indexer, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "photo.NEF").write_bytes(encoded(noise(), "TIFF"))
    for command in (("describe", name), ("search", "--image", name), ("similar", name)):
        ran = indexer(*command)
        assert ran.code == 1
        assert said in ran.err


@pytest.mark.usefixtures("engine")
def test_a_server_reads_the_line_as_it_was_typed(indexer: Indexer) -> None:
    ran = indexer("search", "red apple folder:copy1 sort:newest -green", "--json")
    assert ids(ran) == [CHERRY]
    assert ran.summary["query"]["text"] == "red apple folder:copy1 sort:newest -green"
    assert [part["kind"] for part in ran.summary["query"]["read_as"]] == [
        *("text", "not", "filter", "sort")
    ]
    plain = indexer("search", "red apple folder:copy1", "--plain", "--json")
    assert [part["value"] for part in plain.summary["query"]["read_as"]] == [
        "red apple folder:copy1"
    ]


@pytest.mark.usefixtures("engine")
def test_how_a_line_was_read_is_said(indexer: Indexer) -> None:
    assert (
        "Read as: fruit; not red; folder copy1."
        in indexer("search", "fruit, not red folder:copy1").err
    )
    assert "Read as" not in indexer("search", "red apple").err


@pytest.mark.usefixtures("engine")
def test_a_name_in_the_line_that_the_library_does_not_have_is_an_error(indexer: Indexer) -> None:
    ran = indexer("search", "red apple collection:shop")
    assert ran.code == 2
    assert "there is no collection 'shop'; the library's collections are: cars, default" in ran.err
