"""Bytes -> pictures: colours, orientation, sizes, limits and reasons."""

from __future__ import annotations

import hashlib
import struct
import zlib
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from search.errors import ImageError, Reason
from search.fitting import prepare
from search.images import LocalDecoder, decode
from search.records import Fit, Preprocessing
from tests.pictures import encoded, exif, jpeg, noise

SQUARE = Preprocessing(size=16)


def corners() -> Image.Image:
    """Red, green / blue, white: tells every orientation from every other."""
    image = Image.new("RGB", (80, 60))
    for box, colour in (
        ((0, 0, 40, 30), (255, 0, 0)),
        ((40, 0, 80, 30), (0, 255, 0)),
        ((0, 30, 40, 60), (0, 0, 255)),
        ((40, 30, 80, 60), (255, 255, 255)),
    ):
        image.paste(colour, box)
    return image


def seen(data: bytes, preprocessing: Preprocessing = SQUARE) -> NDArray[np.uint8]:
    return decode(data, [preprocessing], uri="x.png", max_pixels=10**8).pixels[0][0]


def refused(data: bytes, uri: str = "x.jpg", max_pixels: int = 10**6) -> Reason:
    with pytest.raises(ImageError) as caught:
        decode(data, [SQUARE], uri=uri, max_pixels=max_pixels)
    assert caught.value.uri == uri
    return caught.value.reason


# what comes out


def test_a_decoded_picture_says_what_it_is() -> None:
    data = encoded(noise(0, 640, 480), "JPEG")
    image = LocalDecoder().decode(data, [SQUARE], uri="a.jpg")
    assert image.content_hash == hashlib.sha256(data).hexdigest()
    assert (image.format, image.width, image.height) == ("JPEG", 640, 480)
    assert image.taken_at is None
    assert image.pixels[0].shape == (1, 16, 16, 3)
    assert image.pixels[0].dtype == np.uint8


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_every_format_that_we_promise_is_read(format_: str) -> None:
    data = encoded(Image.new("RGB", (64, 48), (200, 40, 40)), format_)
    image = decode(data, [SQUARE], uri="x", max_pixels=10**6)
    assert image.format == format_
    assert np.abs(image.pixels[0].astype(int) - (200, 40, 40)).max() < 12


def test_the_thumbnail_is_small_and_holds_nothing_of_the_original_but_pixels() -> None:
    described = Image.Exif()
    described[0x010E] = "secret"
    data = encoded(noise(0, 1000, 500), "JPEG", exif=described, comment=b"secret")
    thumbnail = decode(data, [SQUARE], uri="x", max_pixels=10**6).thumbnail
    opened = Image.open(BytesIO(thumbnail))
    assert (opened.format, opened.size) == ("JPEG", (320, 160))
    assert b"secret" not in thumbnail
    assert not opened.getexif()


def test_a_small_picture_is_not_enlarged_for_its_thumbnail() -> None:
    thumbnail = decode(encoded(noise(0, 40, 30)), [], uri="x", max_pixels=10**6).thumbnail
    assert Image.open(BytesIO(thumbnail)).size == (40, 30)


def test_one_decode_serves_several_towers() -> None:
    wanted = [Preprocessing(16), Preprocessing(32, Fit.CROP), Preprocessing(24, Fit.PAD)]
    image = decode(encoded(noise(0, 100, 60)), wanted, uri="x", max_pixels=10**6)
    assert [p.shape for p in image.pixels] == [(1, 16, 16, 3), (1, 32, 32, 3), (1, 24, 24, 3)]


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_a_reduced_decode_looks_like_a_full_one(format_: str) -> None:
    smooth = noise(0, 40, 30).resize((1600, 1200), Image.Resampling.BICUBIC)
    data = encoded(smooth, format_)
    full = prepare(Image.open(BytesIO(data)).convert("RGB"), Preprocessing(96))
    difference = seen(data, Preprocessing(96)).astype(int) - full[0]
    assert np.sqrt((difference**2).mean()) < 2


def test_a_picture_is_never_reduced_below_twice_what_a_tower_sees() -> None:
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255  # vanish at the first halving
    data = encoded(Image.fromarray(stripes))
    assert np.array_equal(
        seen(data, Preprocessing(201)), prepare(Image.fromarray(stripes), Preprocessing(201))[0]
    )


# upright


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = corners().transpose(undo[orientation]) if orientation > 1 else corners()
    turned = exif(orientation=orientation)
    for format_ in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        options = {"lossless": True} if format_ == "WEBP" else {"quality": 95}
        data = encoded(stored, format_, exif=turned, **options)
        image = decode(data, [Preprocessing(20)], uri="x", max_pixels=10**6)
        assert (image.width, image.height) == (80, 60), format_
        expected = prepare(corners(), Preprocessing(20))
        assert np.abs(image.pixels[0].astype(int) - expected).mean() < 8, format_


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_impossible_orientation_is_ignored(orientation: int) -> None:
    data = encoded(corners(), "JPEG", exif=exif(orientation=orientation))
    image = decode(data, [], uri="x", max_pixels=10**6)
    assert (image.width, image.height) == (80, 60)


def test_damaged_metadata_never_costs_the_picture() -> None:
    whole = encoded(noise(0, 50, 40), "JPEG", exif=b"Exif\0\0" + b"\xff" * 500)
    assert decode(whole, [], uri="x", max_pixels=10**6).width == 50


# when


def test_the_date_is_the_cameras_in_its_own_time_zone() -> None:
    moment = datetime(2024, 7, 2, 12, 11, 12, tzinfo=timezone(timedelta(hours=2)))
    data = jpeg((9, 9, 9), taken_at=moment)
    assert decode(data, [], uri="x", max_pixels=10**6).taken_at == moment


def test_a_picture_that_tells_nothing_has_no_facts() -> None:
    told = decode(encoded(noise(), "PNG"), [], uri="x", max_pixels=10**6).facts
    assert {fact.name for fact in told} == {"colour", "phash"}  # what is seen in it


def test_a_date_without_a_zone_is_taken_as_utc() -> None:
    data = jpeg((9, 9, 9), taken_at=datetime(2024, 7, 2, 12, 11, 12))
    taken = decode(data, [], uri="x", max_pixels=10**6).taken_at
    assert taken == datetime(2024, 7, 2, 12, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "offset"),
    [
        ("0000:00:00 00:00:00", "+00:00"),
        ("yesterday", "+00:00"),
        ("2024:13:40 99:00:00", "+00:00"),
        ("0001:01:01 00:00:00", "+05:00"),  # before the first year of UTC
        ("9999:12:31 23:59:59", "-05:00"),
    ],
)
def test_an_impossible_date_is_no_date(written: str, offset: str) -> None:
    odd = Image.Exif()
    odd.get_ifd(0x8769)[0x9003] = written
    odd.get_ifd(0x8769)[0x9011] = offset
    data = encoded(noise(0, 8, 8), "JPEG", exif=odd)
    assert decode(data, [], uri="x", max_pixels=10**6).taken_at is None


# colours


def test_transparency_ends_on_white() -> None:
    for image in (
        Image.new("RGBA", (32, 32), (255, 0, 0, 0)),
        Image.new("LA", (32, 32), (0, 0)),
        Image.new("RGBA", (32, 32), (0, 0, 255, 0)).quantize(),
    ):
        assert (seen(encoded(image)) == 255).all(), image.mode


def test_half_transparent_red_becomes_pink() -> None:
    pink = seen(encoded(Image.new("RGBA", (32, 32), (255, 0, 0, 128))))[8, 8]
    assert np.abs(pink.astype(int) - (255, 127, 127)).max() <= 1


def test_cmyk_does_not_come_out_inverted() -> None:
    data = encoded(Image.new("RGB", (32, 32), (250, 250, 250)).convert("CMYK"), "JPEG")
    assert seen(data).min() > 230


def test_lab_is_converted() -> None:
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = ImageCms.applyTransform(Image.new("RGB", (32, 32), (200, 40, 40)), to_lab)
    assert lab is not None
    assert np.abs(seen(encoded(lab, "TIFF")).astype(int) - (200, 40, 40)).max() < 6


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_levels(format_: str) -> None:
    ramp = np.tile((np.arange(256) * 257).astype(np.uint16), (256, 1))
    shown = seen(encoded(Image.fromarray(ramp), format_), Preprocessing(256))
    assert np.array_equal(shown[..., 0], np.tile(np.arange(256), (256, 1)))


def test_a_flat_sixteen_bit_grey_is_not_clipped_to_white() -> None:
    flat = np.full((32, 32), 40000, np.uint16)
    assert np.abs(seen(encoded(Image.fromarray(flat))).astype(int) - 156).max() <= 1


def test_twelve_bit_grey_in_a_tiff_is_not_nearly_black() -> None:
    flat = np.full((32, 32), 4095, np.uint16)
    assert (seen(encoded(Image.fromarray(flat), "TIFF")) == 255).all()


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 255), (-3, 3), (0, 1e6)])
def test_floating_point_grey_is_scaled_by_its_range(low: float, high: float) -> None:
    ramp = np.tile(np.linspace(low, high, 256, dtype=np.float32), (256, 1))
    row = seen(encoded(Image.fromarray(ramp), "TIFF"), Preprocessing(256))[0, :, 0].astype(int)
    assert row[0] == 0
    assert row[-1] >= 240
    assert len(set(row.tolist())) > 240


# crop


def test_a_crop_cuts_the_upright_picture() -> None:
    stored = corners().transpose(Image.Transpose.ROTATE_90)
    data = encoded(stored, "PNG", exif=exif(orientation=6))
    lower_left = decode(data, [SQUARE], uri="x", max_pixels=10**6, crop=(0.0, 0.5, 0.5, 1.0))
    assert (lower_left.pixels[0] == (0, 0, 255)).all()


def test_a_small_crop_of_a_large_jpeg_is_decoded_finely_enough() -> None:
    large = Image.new("RGB", (2000, 1500), "white")
    large.paste(noise(0, 200, 150).resize((200, 150)), (900, 700))
    data = encoded(large, "JPEG", quality=95, subsampling=0)
    crop = (0.45, 700 / 1500, 0.55, 850 / 1500)
    cut = decode(data, [Preprocessing(96)], uri="x", max_pixels=10**7, crop=crop).pixels[0]
    exact = prepare(noise(0, 200, 150), Preprocessing(96))
    assert np.abs(cut.astype(int) - exact).mean() < 12


# like open_clip


@pytest.mark.torch
@pytest.mark.parametrize(
    "size", [(640, 480), (480, 640), (333, 517), (96, 96), (50, 41), (97, 1000), (1, 1)]
)
@pytest.mark.parametrize("fit", list(Fit))
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_prepare_equals_open_clips_transforms(
    size: tuple[int, int], fit: Fit, interpolation: str
) -> None:
    from open_clip.transform import image_transform  # type: ignore[attr-defined]

    modes = {Fit.SQUASH: "squash", Fit.CROP: "shortest", Fit.PAD: "longest"}
    for side in (96, 97):
        preprocessing = Preprocessing(side, fit, interpolation, fill=7)
        theirs = image_transform(
            side,
            is_train=False,
            resize_mode=modes[fit],
            interpolation=interpolation,
            fill_color=7,
        )
        image = noise(0, *size)
        for step in theirs.transforms[:-3]:  # RGB, tensor and normalisation are the tower's
            image = step(image)
        assert np.array_equal(prepare(noise(0, *size), preprocessing)[0], np.asarray(image))


def test_a_thin_strip_is_prepared_without_gigabytes() -> None:
    for fit in Fit:
        assert prepare(noise(0, 1, 30000), Preprocessing(96, fit)).shape == (1, 96, 96, 3)


# reasons


def test_pixels_over_the_limit_are_refused_by_the_header() -> None:
    assert refused(encoded(noise(0, 1100, 1000))) is Reason.TOO_LARGE
    assert refused(encoded(noise(0, 1100, 1000), "JPEG"), max_pixels=500_000) is Reason.TOO_LARGE


def test_a_lying_header_is_refused_without_allocating() -> None:
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    assert refused(data + encoded(noise(0, 4, 4))[33:]) is Reason.TOO_LARGE


def test_the_limit_does_not_leak_to_other_users_of_pillow() -> None:
    before = Image.MAX_IMAGE_PIXELS
    refused(encoded(noise(0, 1100, 1000)))
    assert before == Image.MAX_IMAGE_PIXELS


def test_a_file_cut_short_is_truncated() -> None:
    whole = encoded(noise(0, 200, 200), "JPEG")
    assert refused(whole[: len(whole) // 2]) is Reason.TRUNCATED


@pytest.mark.parametrize(
    ("data", "uri", "reason"),
    [
        (b"", "x.jpg", Reason.NOT_AN_IMAGE),
        (b"<html></html>", "x.jpg", Reason.NOT_AN_IMAGE),
        (b"%PDF-1.4\n", "x.jpg", Reason.NOT_AN_IMAGE),
        (b"PK\x03\x04" + bytes(100), "x.jpg", Reason.NOT_AN_IMAGE),
        (b"\0\0\0\x18ftypisom" + bytes(200), "x.heic", Reason.NOT_AN_IMAGE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.svg", Reason.UNSUPPORTED_FORMAT),
        (b"8BPS" + bytes(40), "x.psd", Reason.UNSUPPORTED_FORMAT),
        (b"P6\n2 2\n255\n" + bytes(12), "x.ppm", Reason.UNSUPPORTED_FORMAT),
        (bytes(40), "x.tga", Reason.UNSUPPORTED_FORMAT),
        (b"\x89PNG\r\n\x1a\n", "x.png", Reason.CORRUPT),
        (b"\xff\xd8\xff\xe0" + bytes(50), "x.jpg", Reason.CORRUPT),
    ],
)
def test_the_signature_decides_why_a_file_is_refused(data: bytes, uri: str, reason: Reason) -> None:
    assert refused(data, uri) is reason


def test_flipped_bytes_inside_a_png_are_corrupt() -> None:
    data = bytearray(encoded(noise(0, 64, 64)))
    data[200:260] = bytes(60)
    assert refused(bytes(data)) is Reason.CORRUPT


def test_a_picture_with_a_very_long_text_is_still_a_picture() -> None:
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("workflow", "x" * 3_000_000, zip=True)
    assert (seen(encoded(corners(), pnginfo=texts)) == prepare(corners(), SQUARE)[0]).all()
