"""The drawn sample collection."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from sample import draw, draw_collection
from sample.canvas import Canvas
from sample.catalogue import Sketch, catalogue
from sample.fruit import apple
from sample.shapes import box, ellipse
from search.errors import SettingsError


def sketch(path: str) -> Sketch:
    return next(s for s in catalogue() if s.path == path)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "photos"
    draw_collection(folder)
    return folder


def test_there_are_many_pictures_of_many_formats_and_shapes(sample: Path) -> None:
    files = [p for p in sample.rglob("*.*") if not p.name.startswith(".")]
    with_formats = Counter()
    shapes = Counter()
    for file in files:
        with Image.open(file) as picture:
            picture.load()
            with_formats[picture.format] += 1
            shapes[np.sign(picture.width - picture.height)] += 1
    assert len(files) >= 90
    assert {"JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"} <= set(with_formats)
    assert min(shapes[-1], shapes[0], shapes[1]) >= 10


def test_every_picture_differs_but_for_the_one_copy(sample: Path) -> None:
    files = [p for p in sample.rglob("*.*") if not p.name.startswith(".")]
    contents = Counter(hashlib.sha256(p.read_bytes()).hexdigest() for p in files)
    assert sorted(contents.values())[-2:] == [1, 2]


def test_the_paths_that_come_back_are_all_that_was_drawn(sample: Path) -> None:
    drawn = draw_collection(sample)
    there = {p for p in sample.rglob("*") if p.is_file() and not p.name.startswith(".")}
    assert set(drawn) == there
    assert len(drawn) == len(there)


def test_the_same_seed_draws_the_same_bytes_and_another_seed_does_not() -> None:
    one = sketch("fruit/red-apple-01.jpg")
    assert draw(one, seed=7) == draw(one, seed=7)
    assert draw(one, seed=7) != draw(one, seed=8)


def test_a_second_run_draws_nothing_but_what_is_missing(sample: Path) -> None:
    kept, lost = sample / "fruit/red-apple-01.jpg", sample / "fruit/lemon.jpg"
    before, content = kept.stat().st_mtime_ns, lost.read_bytes()
    lost.unlink()
    draw_collection(sample)
    assert kept.stat().st_mtime_ns == before
    assert lost.read_bytes() == content


def test_a_picture_of_the_users_own_among_the_sample_is_kept(sample: Path) -> None:
    mine = sample / "fruit" / "mine.jpg"
    mine.write_bytes(b"mine")
    try:
        draw_collection(sample)
        assert mine.read_bytes() == b"mine"
    finally:
        mine.unlink()


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SettingsError, match="holds other files"):
        draw_collection(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_the_place_of_the_folder_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "photos").write_text("")
    with pytest.raises(SettingsError, match="cannot draw"):
        draw_collection(tmp_path / "photos")


def test_some_jpegs_have_dates_and_some_lie_on_their_side(sample: Path) -> None:
    dates, turned = set(), []
    for file in sample.rglob("*.jpg"):
        with Image.open(file) as picture:
            exif = picture.getexif()
            taken = exif.get_ifd(0x8769).get(0x9003)
            dates |= {taken[:4]} if taken else set()
            turned += [file.name] if exif.get(0x0112, 1) != 1 else []
    assert {"2023", "2024"} <= dates
    assert len(turned) >= 4


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turned_picture_is_upright_once_its_orientation_is_obeyed(orientation: int) -> None:
    def top_is_red(canvas: Canvas) -> None:
        canvas.backdrop((255, 255, 255), (255, 255, 255))
        canvas.flat(box(0, -canvas.bottom / 2, 2 * canvas.right, canvas.bottom), (255, 0, 0))

    turned = Sketch("x.jpg", top_is_red, (120, 80), "album", orientation=orientation)
    with Image.open(io.BytesIO(draw(turned))) as stored:
        upright = ImageOps.exif_transpose(stored)
    assert upright.size == (120, 80)
    red, ground = np.asarray(upright)[20, 60], np.asarray(upright)[60, 60]
    assert red[1] < 60 < 200 < ground[1]


def test_a_png_of_the_shop_is_cut_out(sample: Path) -> None:
    with Image.open(sample / "fruit/red-apple-02.png") as picture:
        alpha = np.asarray(picture.getchannel("A"))
    assert alpha[0, 0] == 0
    assert alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] == 255


def test_a_red_apple_is_red_and_a_green_one_green() -> None:
    def middle(colour: tuple[float, float, float]) -> np.ndarray:
        canvas = Canvas(200, 200, np.random.default_rng(0))
        apple(canvas, colour)
        return np.asarray(canvas.picture(), float)[80:120, 80:120].mean((0, 1))

    red, green = middle((200, 26, 36)), middle((128, 188, 44))
    assert red[0] > 2 * red[1]
    assert green[1] > 1.2 * green[0] > green[2]


def test_the_edge_of_a_disc_is_smooth_and_its_area_right() -> None:
    canvas = Canvas(200, 200, np.random.default_rng(0))
    cover = canvas.mask(ellipse(0, 0, 0.5))
    assert cover.sum() == pytest.approx(np.pi * 50**2, rel=0.02)
    assert ((cover > 0) & (cover < 1)).sum() > 100


def test_what_lies_outside_the_frame_covers_nothing() -> None:
    canvas = Canvas(100, 100, np.random.default_rng(0))
    assert canvas.mask(ellipse(5, 5, 0.5)).max() == 0


def test_a_solid_is_lit_from_the_upper_left() -> None:
    canvas = Canvas(200, 200, np.random.default_rng(0))
    canvas.solid(ellipse(0, 0, 0.8), colour=(128, 128, 128), gloss=0)
    assert canvas.pixels[60, 60, 0] > canvas.pixels[140, 140, 0] + 20


def test_blurring_keeps_the_sum_of_what_is_far_from_the_edge() -> None:
    canvas = Canvas(200, 200, np.random.default_rng(0))
    disc = canvas.mask(ellipse(0, 0, 0.3))
    for radius in (0.02, 0.15):
        soft = canvas.blur(disc, radius)
        assert soft.sum() == pytest.approx(disc.sum(), rel=0.03)
        assert soft.max() <= 1.01


@pytest.mark.torch
def test_the_embedded_model_finds_the_right_picture_first(sample: Path) -> None:
    from search.bootstrap import open_encoder
    from search.images import LocalDecoder
    from search.settings import Settings

    encoder = open_encoder(None, Settings(library=sample))
    names, pixels = [], []
    for file in sorted(p for p in sample.rglob("*.*") if not p.name.startswith(".")):
        read = LocalDecoder().decode(file.read_bytes(), [encoder.preprocessing], uri=str(file))
        names.append(file.name)
        pixels.append(read.pixels[0])
    pictures = encoder.encode_images(np.concatenate(pixels)).vectors
    expected = {
        "red apple": "red-apple",
        "green apple": "green-apple",
        "blue mug": "blue-mug",
        "红色苹果": "red-apple",
    }
    words = encoder.encode_texts(list(expected))
    best = [names[row.argmax()] for row in words @ pictures.T]
    assert [b.startswith(e) for b, e in zip(best, expected.values(), strict=True)] == [True] * 4, (
        best
    )
