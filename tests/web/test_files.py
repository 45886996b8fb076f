"""The files behind an image, while others damage, swap and remove them."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from search.engine import SearchEngine
from search.errors import OverloadedError
from search.images import LocalDecoder
from search.index import open_indexes
from search.interfaces import Decoder
from search.model import Model
from search.records import Crop, DecodedImage, Preprocessing
from search.settings import Settings
from search.store import Store
from tests.pictures import encoded, noise
from tests.web.library import CALIBRATION, CAPTIONER, ENCODER, Picture, make_library
from web import create_app

PHOTO = Picture("a red apple", b"fruit/apple.jpg", encoded(noise(1, 800, 600), "JPEG"), copies=1)
OTHER = Picture("a blue car", b"cars/car.jpg", encoded(noise(2, 700, 700), "JPEG"))
THUMB = "/api/v1/images/1/thumb"
ORIGINAL = "/api/v1/images/1/original"
WIDTHS = (160, 320, 640)


class Library:
    """Two pictures on disk, served by the real engine; the first one lies in two places."""

    def __init__(self, folder: Path) -> None:
        make_library(folder, [PHOTO, OTHER])
        self.photos = folder / "photos"
        self.store = Store.open(Settings(library=folder / "library"))
        self.decoder: Decoder = LocalDecoder()
        self.client = self.served_by(self)

    def served_by(self, decoder: Decoder) -> FlaskClient:
        settings = Settings(library=self.photos.parent / "library")
        indexes = open_indexes("faiss:flat", ENCODER.info.dim)
        engine = SearchEngine(
            settings,
            self.store,
            Model.over(self.store, ENCODER, CAPTIONER, indexes, CALIBRATION),
            decoder,
        )
        return create_app(settings, engine).test_client()

    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        """By the decoder of the moment."""
        return self.decoder.decode(data, wanted, uri=uri, crop=crop)

    @property
    def places(self) -> list[Path]:
        """Where the first picture lies."""
        return [self.photos / "fruit" / "apple.jpg", self.photos / "copy1" / "fruit" / "apple.jpg"]

    @property
    def thumbnail(self) -> Path:
        """Where its thumbnail is kept."""
        content_hash = self.store.images.get([1])[1].content_hash
        return self.store.thumbnails.folder / content_hash[:2] / f"{content_hash}.jpg"

    def thumb(self, width: int, address: str = THUMB) -> TestResponse:
        version = self.thumbnail.stem[:12]
        return self.client.get(f"{address}?w={width}&v={version}")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path)
    with closing(library.store):
        yield library


def size(answer: TestResponse) -> tuple[int, int]:
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    with Image.open(io.BytesIO(answer.data)) as image:
        image.load()
        return image.size


DAMAGES = [
    lambda jpeg: b"",
    lambda jpeg: bytes(len(jpeg)),
    lambda jpeg: jpeg[: len(jpeg) // 2],
    lambda jpeg: b"\xff\xd8\xff" + os.urandom(len(jpeg)),
]
SIZES = {160: (160, 120), 320: (320, 240), 640: (640, 480)}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_damaged_thumbnail_is_made_again(
    library: Library, width: int, damage: Callable[[bytes], bytes]
) -> None:
    before = library.thumbnail.read_bytes()
    library.thumbnail.write_bytes(damage(before))
    assert size(library.thumb(width)) == SIZES[width]
    assert size(library.thumb(160)) == SIZES[160]
    assert library.thumbnail.read_bytes() == before


def test_a_missing_thumbnail_is_made_again_and_kept(library: Library) -> None:
    before = library.thumbnail.read_bytes()
    library.thumbnail.unlink()
    assert library.thumb(320).data == before
    assert library.thumbnail.read_bytes() == before


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_where_the_file_is_gone_too_there_is_no_thumbnail(
    library: Library, width: int, damage: Callable[[bytes], bytes]
) -> None:
    library.thumbnail.write_bytes(damage(library.thumbnail.read_bytes()))
    for place in library.places:
        place.unlink()
    answer = library.thumb(width)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_another_picture_in_the_files_place_is_not_shown_under_the_old_hash(
    library: Library,
) -> None:
    before = library.thumbnail.read_bytes()
    size_before = library.places[0].stat().st_size
    others = [encoded(noise(3, 800, 600), "JPEG")[:size_before].ljust(size_before, b"\0"), b"short"]
    for place, data in zip(library.places, others, strict=True):
        place.write_bytes(data)
    answer = library.thumb(640)
    assert answer.data == before
    assert answer.headers["ETag"].endswith('-320"')
    assert answer.headers["Cache-Control"] == "private, no-cache"
    library.thumbnail.write_bytes(b"")
    for width in WIDTHS:
        assert library.thumb(width).status_code == 404
    assert library.thumbnail.read_bytes() == b""


def test_a_copy_elsewhere_will_do(library: Library) -> None:
    library.places[0].write_bytes(b"overwritten")
    library.thumbnail.write_bytes(b"")
    answer = library.thumb(640)
    assert size(answer) == (640, 480)
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert size(library.thumb(320)) == (320, 240)


def test_a_library_that_cannot_be_written_to_shows_what_it_made(library: Library) -> None:
    library.thumbnail.unlink()
    library.thumbnail.parent.rename(library.thumbnail.parent.with_name("kept"))
    library.thumbnail.parent.write_text("in the way")
    for width in WIDTHS:
        assert size(library.thumb(width)) == SIZES[width]


class BusyDecoder:
    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        raise OverloadedError("too many pictures are waiting")


def test_where_no_decoder_is_free_the_stored_thumbnail_stands_in_for_now(
    library: Library,
) -> None:
    library.decoder = BusyDecoder()
    answer = library.thumb(640)
    assert size(answer) == (320, 240)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    library.thumbnail.write_bytes(b"")
    for width in WIDTHS:
        answer = library.thumb(width)
        assert (answer.status_code, answer.json["code"]) == (503, "overloaded")
    library.decoder = LocalDecoder()
    assert size(library.thumb(640)) == (640, 480)


class RemovingDecoder(LocalDecoder):
    """Takes its time: the image is removed while it decodes."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        self._store.images.remove([1])
        return super().decode(data, wanted, uri=uri, crop=crop)


def test_an_image_that_is_removed_meanwhile_leaves_no_thumbnail_behind(library: Library) -> None:
    kept = library.thumbnail
    kept.write_bytes(b"")
    library.decoder = RemovingDecoder(library.store)
    assert library.client.get(f"{THUMB}?w=320").status_code == 200
    assert not kept.exists()


# originals


def no_original(library: Library) -> bool:
    answer = library.client.get(ORIGINAL)
    return (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.fixture
def alone(library: Library) -> Library:
    """The first picture lies in one place only."""
    library.places[1].unlink()
    return library


def test_an_original_is_the_file_in_the_first_place_that_can_be_opened(library: Library) -> None:
    assert library.client.get(ORIGINAL).data == PHOTO.data
    library.places[0].unlink()
    assert library.client.get(ORIGINAL).data == PHOTO.data
    library.places[1].unlink()
    assert no_original(library)


@pytest.mark.parametrize("target", ["../../secret.jpg", "../cars/car.jpg", "/etc/passwd"])
def test_a_link_in_the_files_place_is_not_followed(alone: Library, target: str) -> None:
    (alone.photos.parent / "secret.jpg").write_bytes(b"secret")
    alone.places[0].unlink()
    alone.places[0].symlink_to(target)
    assert alone.places[0].exists()
    assert no_original(alone)


@pytest.mark.parametrize("target", ["../outside", "cars"])
def test_a_link_in_its_folders_place_is_not_followed(alone: Library, target: str) -> None:
    """Neither out of the root nor within it: `sync` finds what has moved."""
    for folder in (alone.photos.parent / "outside", alone.photos / "cars"):
        folder.mkdir(exist_ok=True)
        (folder / "apple.jpg").write_bytes(PHOTO.data)
    (alone.photos / "fruit").rename(alone.photos / "kept")
    (alone.photos / "fruit").symlink_to(target)
    assert alone.places[0].exists()
    assert no_original(alone)
    assert size(alone.thumb(640)) == (320, 240)


def test_a_pipe_in_the_files_place_holds_nobody(alone: Library) -> None:
    alone.places[0].unlink()
    os.mkfifo(alone.places[0])
    assert no_original(alone)
    alone.places[0].unlink()
    alone.places[0].mkdir()
    assert no_original(alone)


def test_a_root_may_be_gone_and_come_back_as_a_link(library: Library) -> None:
    library.photos.rename(library.photos.with_name("moved"))
    assert no_original(library)
    library.photos.symlink_to("moved")
    assert library.client.get(ORIGINAL).data == PHOTO.data
