"""Filter by camera, from the files to the page: what one entry in the table of filters gives."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import ExifTags, Image

from search.filters import Filters
from search.settings import Settings
from tests.web.library import Picture, WatchedEngine, make_library
from web import create_app

CANON, NIKON = ("Canon", "Canon EOS 5D"), ("NIKON CORPORATION", "NIKON D90")


def taken_with(camera: tuple[str, str] | None, red: int) -> bytes:
    exif = Image.Exif()
    if camera:
        exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = camera
    file = BytesIO()
    Image.new("RGB", (60, 40), (red, 30, 30)).save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    cameras = (CANON, NIKON, CANON, None)
    return make_library(
        tmp_path,
        [
            Picture(f"a red apple number {n}", b"%d.jpg" % n, taken_with(camera, 100 + 40 * n))
            for n, camera in enumerate(cameras)
        ],
    )


def found(client: FlaskClient, address: str) -> set[int]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return {hit["id"] for hit in answer.json["hits"]}


def test_a_search_is_narrowed_to_cameras(client: FlaskClient) -> None:
    search = "/api/v1/search?q=apple&relevance=any&camera="
    assert found(client, f"{search}Canon+EOS+5D") == {1, 3}
    assert found(client, f"{search}Canon+EOS+5D&camera=NIKON+D90") == {1, 2, 3}
    assert found(client, f"{search}Canon") == set()
    listed = client.get("/api/v1/images?camera=NIKON+D90").json["images"]
    assert [image["id"] for image in listed] == [2]


def test_cameras_are_counted(library: Path) -> None:
    with closing(WatchedEngine(library)) as engine:
        (facet,) = engine.facets(Filters(camera="NIKON D90"), ["camera"])
        counts = {value.value: value.count for value in facet.values}
        assert list(counts.items()) == [("Canon EOS 5D", 2), ("NIKON D90", 1)]


@pytest.mark.parametrize(
    ("language", "label", "anything"),
    [("en-GB,en", "Camera", "Any camera"), ("zh-CN,zh;q=0.9,en;q=0.5", "相机", "任意相机")],
)
def test_the_page_offers_cameras_and_names_the_one_that_is_asked_for(
    client: FlaskClient, language: str, label: str, anything: str
) -> None:
    asked = {"Accept-Language": language}
    page = client.get("/?camera=NIKON+D90", headers=asked).text
    assert f'<label for="camera">{label}</label>' in page
    assert f'<option value="">{anything}</option>' in page.replace("\n", "")
    assert '<option value="NIKON D90" selected>NIKON D90</option>' in page
    assert '<option value="Canon EOS 5D">' in page
    assert "<span>NIKON D90</span>" in page
    assert page.count('class="card') == 1


def test_a_camera_that_took_nothing_is_no_error_on_the_page(library: Path) -> None:
    with closing(WatchedEngine(library)) as engine:
        client = create_app(Settings(library=library), engine).test_client()
        page = client.get("/?camera=Brownie").text
        assert '<option value="Brownie" selected>' in page
        assert "No picture passes these filters." in page
