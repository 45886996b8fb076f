"""A library in Python, with the embedded model and real files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import pomona
from search.errors import (
    ImageError,
    ModelMismatchError,
    NoLibraryError,
    QueryError,
    SettingsError,
)

pytestmark = pytest.mark.torch

NAMES = {"red": (220, 30, 30), "green": (40, 170, 60), "blue": (40, 60, 220)}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three circles and a file that is not a picture."""
    folder = tmp_path_factory.mktemp("photos")
    for name, colour in NAMES.items():
        picture = Image.new("RGB", (320, 240), "white")
        ImageDraw.Draw(picture).ellipse((80, 40, 240, 200), fill=colour)
        picture.save(folder / f"{name} <circle>.png")
    (folder / "broken.jpg").write_bytes(b"not a picture")
    return folder


@pytest.fixture(scope="module")
def library(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[pomona.Library]:
    with pomona.open(tmp_path_factory.mktemp("home") / "library") as library:
        report = library.add(photos)
        assert (report.found, report.added, report.skipped) == (4, 3, 1)
        yield library


def test_words_find_files_by_their_absolute_paths(library: pomona.Library, photos: Path) -> None:
    found = library.search("a red circle", limit=1, any_relevance=True)
    assert [hit.path for hit in found] == [photos / "red <circle>.png"]
    assert found.hits[0].rank == 1
    assert found.total == 3


def test_a_picture_finds_itself_by_path_and_by_bytes(library: pomona.Library, photos: Path) -> None:
    file = photos / "blue <circle>.png"
    for picture in (file, str(file), file.read_bytes()):
        assert library.similar(picture, limit=1).hits[0].path == file


def test_an_image_by_its_id_is_not_among_its_own_neighbours(library: pomona.Library) -> None:
    first = library.search("red", limit=1, any_relevance=True).hits[0]
    near = library.search(image_id=first.id, any_relevance=True)
    assert {hit.id for hit in near} == {1, 2, 3} - {first.id}


def test_filters_narrow_a_search(library: pomona.Library) -> None:
    only = pomona.Filters(format=("png",), collection=("default",))
    assert len(library.search("red", filters=only, any_relevance=True)) == 3
    jpeg = pomona.Filters(format=("JPG",))
    assert len(library.search("red", filters=jpeg, any_relevance=True)) == 0


@pytest.mark.parametrize("names", ["folder", "collection", "format"])
def test_a_filter_that_names_nothing_is_an_error(library: pomona.Library, names: str) -> None:
    with pytest.raises(QueryError, match="typo"):
        library.search("red", filters=pomona.Filters(**{names: ("typo",)}))


def test_a_description_has_a_caption_tags_and_neighbours(
    library: pomona.Library, photos: Path
) -> None:
    told = library.describe(photos / "green <circle>.png")
    assert told.caption
    assert all(0 <= score <= 1 for score in told.tags.values())
    assert photos / "green <circle>.png" in [hit.path for hit in told.nearest]
    assert json.loads(json.dumps(told.to_dict()))["caption"] == told.caption


def test_texts_are_ranked_for_a_file_for_bytes_and_for_an_image(
    library: pomona.Library, photos: Path
) -> None:
    file, texts = photos / "green <circle>.png", ["a red circle", "a green circle"]
    first = library.search("a green circle", limit=1, any_relevance=True).hits[0]
    for picture in (file, file.read_bytes(), first.id):
        ranked = library.rank(picture, texts)
        assert [each.text for each in ranked] == ["a green circle", "a red circle"]
    with pytest.raises(ImageError, match=r"broken\.jpg"):
        library.rank(photos / "broken.jpg", texts)


def test_results_are_plain_values_for_json(library: pomona.Library) -> None:
    found = library.search("circle", any_relevance=True)
    told = json.loads(json.dumps(found.to_dict()))
    assert [hit["path"] for hit in told["hits"]] == [str(hit.path) for hit in found]
    assert json.loads(json.dumps(found[0].to_dict())) == told["hits"][0]


def test_a_notebook_shows_thumbnails_and_no_markup_of_names(library: pomona.Library) -> None:
    found = library.search("circle", any_relevance=True)
    shown = found._repr_html_()
    assert shown.count('src="data:image/jpeg;base64,') == 3
    assert "<circle>" not in shown
    assert "&lt;circle&gt;" in shown


def test_adding_again_finds_everything_unchanged(library: pomona.Library, photos: Path) -> None:
    report = library.add(photos)
    assert (report.found, report.unchanged, report.skipped) == (4, 3, 1)
    assert library.status().images == 3


def test_wrong_questions_are_errors_that_say_so(library: pomona.Library, photos: Path) -> None:
    with pytest.raises(QueryError, match="words are a text, not int"):
        library.search(5)  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="ask for something"):
        library.search()
    with pytest.raises(ImageError, match=r"broken\.jpg"):
        library.search(image=photos / "broken.jpg")
    with pytest.raises(pomona.PomonaError, match=r"gone\.jpg: there is no such file"):
        library.describe(photos / "gone.jpg")


def test_a_library_that_is_not_there_yet_is_opened_but_not_searched(tmp_path: Path) -> None:
    library = pomona.open(tmp_path / "none")
    with pytest.raises(NoLibraryError):
        library.search("red")
    assert not (tmp_path / "none").exists()


def test_settings_may_be_given_by_name(tmp_path: Path) -> None:
    library = pomona.open(tmp_path, caption_language="zh")
    assert library.settings.caption_language == "zh"
    assert pomona.open(library.settings, device="cpu").settings.device == "cpu"
    with pytest.raises(pomona.PomonaError, match="nonsense"):
        pomona.open(tmp_path, nonsense=1)


def test_threads_share_one_engine(library: pomona.Library) -> None:
    same = pomona.open(library.path)
    with ThreadPoolExecutor(4) as threads:
        engines = list(threads.map(lambda _: same.engine, range(4)))
    assert all(engine is engines[0] for engine in engines)
    same.close()


def test_an_id_may_be_numpys(library: pomona.Library) -> None:
    found = library.similar(np.int64(1), limit=2)
    assert 1 not in [hit.id for hit in found]


def test_results_are_shown_after_the_library_was_closed(library: pomona.Library) -> None:
    with pomona.open(library.path) as other:
        found = other.search("circle", any_relevance=True)
    assert found._repr_html_().count("data:image/jpeg") == 3


def test_a_library_is_not_added_to_itself(library: pomona.Library) -> None:
    with pytest.raises(SettingsError):
        library.add(library.path)
    assert library.status().images == 3


def test_another_model_is_refused_although_nothing_is_new(
    library: pomona.Library, photos: Path
) -> None:
    with pytest.raises(ModelMismatchError):
        pomona.open(library.path, model="fast").add(photos)


def test_a_closed_library_says_so(tmp_path: Path) -> None:
    with pomona.open(tmp_path) as library:
        pass
    with pytest.raises(ValueError, match="is closed"):
        library.search("red")
