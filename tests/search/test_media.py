"""Thumbnails of every size, and originals: never a file outside its root, never what is no file."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from search import media
from search.errors import FileChangedError, NotFoundError, QueryError
from search.images import LocalDecoder
from search.records import FileStamp, ImageRecord, NewImage
from search.store import Store
from search.thumbnails import FORMAT, WIDTHS
from tests.fakes import FakeEncoder
from tests.pictures import encoded, noise, plain

ENCODER = FakeEncoder()
DECODER = LocalDecoder()


def stored(store: Store, photos: Path, data: bytes, *names: str) -> ImageRecord:
    """A picture of the library, with these files below `photos`."""
    for name in names:
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        (photos / name).write_bytes(data)
    root = store.roots.ensure("default", bytes(photos), photos.stat().st_dev)
    decoded = DECODER.decode(data, [ENCODER.preprocessing], uri=names[0])
    new = NewImage(decoded, ENCODER.encode_images(decoded.pixels[0]).vectors[0])
    batch = [(os.fsencode(name), FileStamp(len(data), 1), new) for name in names]
    (id_, *_) = store.images.add(root, ENCODER.info, batch)
    return store.images.get([id_])[id_]


def roots(store: Store) -> media.Roots:
    return {root.id: root.path for root in store.roots.all()}


def thumbnail(store: Store, record: ImageRecord, width: int) -> tuple[Image.Image, str]:
    file, etag = media.thumbnail(store.thumbnails, record, width, roots(store), DECODER)
    image = Image.open(io.BytesIO(file))
    assert image.format == FORMAT
    return image, etag


def original(store: Store, record: ImageRecord) -> bytes:
    with media.original(record, roots(store))[0] as file:
        return file.read()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


# thumbnails


def test_thumbnails_come_in_three_sizes_with_an_etag_each(store: Store, photos: Path) -> None:
    scene = noise(1, 8, 6).resize((800, 600), Image.Resampling.BICUBIC)
    record = stored(store, photos, encoded(scene), "a.png")
    etags = set()
    for width, size in ((160, (160, 120)), (320, (320, 240)), (640, (640, 480))):
        image, etag = thumbnail(store, record, width)
        assert image.size == size
        exact = np.asarray(scene.resize(size, Image.Resampling.BICUBIC)).astype(int)
        assert np.abs(np.asarray(image) - exact).mean() < 6
        etags.add(etag)
    assert etags == {f"{record.content_hash[:32]}-{width}" for width in (160, 320, 640)}


def test_no_thumbnail_is_larger_than_its_picture(store: Store, photos: Path) -> None:
    record = stored(store, photos, encoded(plain((9, 200, 9), 100, 75)), "a.png")
    assert {thumbnail(store, record, width)[0].size for width in WIDTHS} == {(100, 75)}


def test_a_large_one_of_a_file_that_is_gone_is_the_one_that_was_kept(
    store: Store, photos: Path
) -> None:
    record = stored(store, photos, encoded(plain((9, 200, 9), 800, 600)), "a.png")
    (photos / "a.png").unlink()
    image, etag = thumbnail(store, record, 640)
    assert image.size == (320, 240)
    assert etag.endswith("-320")


def test_one_that_was_not_kept_is_made_again_from_the_file(store: Store, photos: Path) -> None:
    record = stored(store, photos, encoded(plain((9, 200, 9), 800, 600)), "a.png")
    store.thumbnails.discard([record.content_hash])
    assert thumbnail(store, record, 160)[0].size == (160, 120)
    (photos / "a.png").unlink()
    with pytest.raises(NotFoundError, match="its file is gone"):
        thumbnail(store, record, 160)


@pytest.mark.parametrize("width", [0, 161, 1000])
def test_other_widths_are_refused(store: Store, photos: Path, width: int) -> None:
    record = stored(store, photos, encoded(noise(1)), "a.png")
    with pytest.raises(QueryError) as caught:
        thumbnail(store, record, width)
    assert caught.value.pointer == "/w"


# originals


def test_an_original_comes_with_its_type_and_name(store: Store, photos: Path) -> None:
    data = encoded(noise(1), "WEBP")
    record = stored(store, photos, data, "2024/a picture.jpg")
    file, media_type, name = media.original(record, roots(store))
    with file:
        assert file.read() == data
    assert (media_type, name) == ("image/webp", "a picture.jpg")


def test_another_copy_serves_where_the_first_is_gone(store: Store, photos: Path) -> None:
    data = encoded(noise(1))
    record = stored(store, photos, data, "a.png", "copy/b.png")
    (photos / "a.png").unlink()
    assert original(store, record) == data


def replaced_by_a_link(photos: Path) -> None:
    secret = photos.parent / "secret.txt"
    secret.write_text("secret")
    (photos / "in" / "a.png").unlink()
    (photos / "in" / "a.png").symlink_to(secret)


def folder_leads_out(photos: Path) -> None:
    outside = photos.parent / "outside"
    (photos / "in").rename(outside)
    (photos / "in").symlink_to(outside)


def folder_leads_to_a_neighbour_of_the_same_beginning(photos: Path) -> None:
    outside = photos.parent / "photos-private"
    (photos / "in").rename(outside)
    (photos / "in").symlink_to(outside)


def became_a_pipe(photos: Path) -> None:
    (photos / "in" / "a.png").unlink()
    os.mkfifo(photos / "in" / "a.png")


def became_a_folder(photos: Path) -> None:
    (photos / "in" / "a.png").unlink()
    (photos / "in" / "a.png").mkdir()


def gone(photos: Path) -> None:
    (photos / "in" / "a.png").unlink()


@pytest.mark.parametrize(
    "happens",
    [
        replaced_by_a_link,
        folder_leads_out,
        folder_leads_to_a_neighbour_of_the_same_beginning,
        became_a_pipe,
        became_a_folder,
        gone,
    ],
)
def test_what_is_no_file_below_its_root_any_more_is_not_given_out(
    store: Store, photos: Path, happens: Callable[[Path], None]
) -> None:
    record = stored(store, photos, encoded(noise(1, 640, 480)), "in/a.png")
    happens(photos)
    with pytest.raises(NotFoundError, match="gone, or cannot be read"):
        media.original(record, roots(store))
    assert thumbnail(store, record, 640)[0].size == (320, 240)  # the one that was kept


def test_a_file_with_other_content_is_not_given_out_and_another_copy_is(
    store: Store, photos: Path
) -> None:
    data = encoded(noise(1))
    record = stored(store, photos, data, "a.png", "copy/b.png")
    (photos / "a.png").write_bytes(data[:-1] + b"\0")  # as large as before
    assert original(store, record) == data
    (photos / "copy" / "b.png").write_bytes(encoded(noise(2)))
    with pytest.raises(FileChangedError, match="has changed since it was indexed"):
        media.original(record, roots(store))


def test_a_file_that_was_only_touched_is_the_same(store: Store, photos: Path) -> None:
    data = encoded(noise(1))
    record = stored(store, photos, data, "a.png")
    os.utime(photos / "a.png", (1, 1))
    assert original(store, record) == data


def test_a_link_below_the_root_is_not_followed_even_where_it_stays_there(
    store: Store, photos: Path
) -> None:
    record = stored(store, photos, encoded(noise(1)), "in/a.png")
    (photos / "in").rename(photos / "elsewhere")
    (photos / "in").symlink_to("elsewhere")
    with pytest.raises(NotFoundError):
        media.original(record, roots(store))


def test_a_root_may_itself_be_a_link(store: Store, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "photos").symlink_to(tmp_path / "disk")
    data = encoded(noise(1))
    record = stored(store, tmp_path / "photos", data, "a.png")
    assert original(store, record) == data


def test_a_place_whose_root_was_taken_over_is_passed_by(store: Store, photos: Path) -> None:
    record = stored(store, photos, encoded(noise(1)), "a.png")
    with pytest.raises(NotFoundError):
        media.original(record, {})
