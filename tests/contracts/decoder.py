"""What every Decoder does. A test class inherits this and gives `decoder`, which takes pictures of
up to MAX_PIXELS."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from search.errors import ImageError, Reason
from search.fitting import prepare
from search.interfaces import Decoder
from search.records import Crop, DecodedImage, Fit, Pixels, Preprocessing
from tests.pictures import encoded, exif, jpeg, noise
from tests.search.test_jpeg import endless

MAX_PIXELS = 1_000_000
SQUARE = Preprocessing(16)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
QUARTERS: dict[tuple[int, int, int], Crop] = {
    RED: (0, 0, 0.5, 0.5),
    GREEN: (0.5, 0, 1, 0.5),
    BLUE: (0, 0.5, 0.5, 1),
    WHITE: (0.5, 0.5, 1, 1),
}


def quarters(width: int = 80, height: int = 60) -> Image.Image:
    """Red, green / blue, white: tells every turn and every crop from every other."""
    image = Image.new("RGB", (width, height))
    for colour, (left, top, right, bottom) in QUARTERS.items():
        box = (left * width, top * height, right * width, bottom * height)
        image.paste(colour, tuple(map(int, box)))
    return image


def refused(decoder: Decoder, data: bytes, uri: str = "x.jpg") -> Reason:
    with pytest.raises(ImageError) as caught:
        decoder.decode(data, [SQUARE], uri=uri)
    assert caught.value.uri == uri
    return caught.value.reason


class DecoderContract:
    # what comes out

    @pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
    def test_a_picture_says_what_it_is(self, decoder: Decoder, format_: str) -> None:
        data = encoded(noise(1, 300, 200), format_)
        image = decoder.decode(data, [], uri="x")
        assert image.content_hash == hashlib.sha256(data).hexdigest()
        assert (image.format, image.width, image.height) == (format_, 300, 200)
        assert image.taken_at is None
        assert image.pixels == ()

    def test_pixels_are_those_that_each_tower_wants(self, decoder: Decoder) -> None:
        picture = noise(2, 100, 60)
        wanted = [SQUARE, Preprocessing(32, Fit.CROP), Preprocessing(24, Fit.PAD, fill=7)]
        image = decoder.decode(encoded(picture), wanted, uri="x")
        for pixels, preprocessing in zip(image.pixels, wanted, strict=True):
            assert pixels.dtype == np.uint8
            assert pixels.shape == (1, preprocessing.size, preprocessing.size, 3)
            assert np.abs(pixels - prepare(picture, preprocessing).astype(int)).mean() < 12

    def test_the_thumbnail_is_small_and_carries_no_metadata(self, decoder: Decoder) -> None:
        about = exif(datetime(2024, 7, 2, tzinfo=UTC))
        data = encoded(quarters(800, 600), "JPEG", exif=about, comment=b"secret")
        thumbnail = decoder.decode(data, [SQUARE], uri="x").thumbnail
        with Image.open(BytesIO(thumbnail)) as opened:
            assert (opened.format, opened.size) == ("JPEG", (320, 240))
            assert not opened.getexif()
            assert near(np.asarray(opened)[:100, :140], RED)
        assert b"secret" not in thumbnail

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_picture_is_upright(self, decoder: Decoder, orientation: int) -> None:
        turn_back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
        stored = quarters()
        if orientation > 1:
            stored = stored.transpose(Image.Transpose(turn_back[orientation]))
        data = encoded(stored, exif=exif(orientation=orientation))
        image = decoder.decode(data, [SQUARE], uri="x")
        assert (image.width, image.height) == (80, 60)
        assert near(image.pixels[0][0, :6, :6], RED)
        assert near(image.pixels[0][0, :6, 10:], GREEN)
        assert near(image.pixels[0][0, 10:, :6], BLUE)

    def test_the_time_is_the_cameras_with_its_offset(self, decoder: Decoder) -> None:
        taken = datetime(2024, 7, 2, 12, 11, 12, tzinfo=timezone(-timedelta(hours=3, minutes=30)))
        assert decoder.decode(jpeg(RED, taken_at=taken), [], uri="x").taken_at == taken

    @pytest.mark.parametrize("colour", QUARTERS)
    def test_a_crop_cuts_the_upright_picture(
        self, decoder: Decoder, colour: tuple[int, int, int]
    ) -> None:
        stored = quarters().transpose(Image.Transpose.ROTATE_90)
        data = encoded(stored, exif=exif(orientation=6))
        image = decoder.decode(data, [SQUARE], uri="x", crop=QUARTERS[colour])
        assert near(image.pixels[0], colour)
        assert (image.width, image.height) == (80, 60)  # of the picture, not of the part

    # what is refused

    def test_the_limit_of_pixels_is_kept_to_the_pixel(self, decoder: Decoder) -> None:
        assert decoder.decode(encoded(Image.new("L", (1000, 1000))), [], uri="x").width == 1000
        assert refused(decoder, encoded(Image.new("L", (1000, 1001)))) is Reason.TOO_LARGE

    @pytest.mark.parametrize(
        ("data", "uri", "reason"),
        [
            (b"", "x.jpg", Reason.NOT_AN_IMAGE),
            (b"<html></html>", "x.jpg", Reason.NOT_AN_IMAGE),
            (b"8BPS" + bytes(40), "x.psd", Reason.UNSUPPORTED_FORMAT),
            (encoded(noise(3, 200, 200), "JPEG")[:20_000], "x.jpg", Reason.TRUNCATED),
            (b"\x89PNG\r\n\x1a\n" + bytes(500), "x.png", Reason.CORRUPT),
            (b"not a picture", "upload \ud800\n.png", Reason.NOT_AN_IMAGE),
        ],
    )
    def test_what_cannot_be_read_is_named_with_its_reason(
        self, decoder: Decoder, data: bytes, uri: str, reason: Reason
    ) -> None:
        assert refused(decoder, data, uri) is reason

    def test_a_jpeg_of_a_thousand_scans_is_refused_before_it_is_decoded(
        self, decoder: Decoder
    ) -> None:
        with pytest.raises(ImageError) as caught:
            decoder.decode(endless(1000, 1000, 1000), [SQUARE], uri="x")
        assert caught.value.reason is Reason.UNSUPPORTED_VARIANT
        assert caught.value.detail == "1,000 scans; at most 100"

    @pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
    def test_hostile_bytes_are_a_picture_or_a_refusal_and_nothing_else(
        self, decoder: Decoder, format_: str
    ) -> None:
        rng = np.random.default_rng(4)
        whole = encoded(noise(4, 64, 48), format_)
        for _ in range(20):
            data = bytearray(whole)
            for place in rng.integers(0, len(data), 8).tolist():
                data[place] = int(rng.integers(0, 256))
            outcome = decoded_or_refused(decoder, bytes(data))
            assert isinstance(outcome, DecodedImage | Reason)
        assert decoder.decode(whole, [], uri="x").width == 64

    # several at once

    def test_threads_may_share_it(self, decoder: Decoder) -> None:
        files = [encoded(noise(seed)) for seed in range(6)]
        alone = [decoder.decode(data, [SQUARE], uri="x").pixels[0] for data in files]

        def again(place: int) -> Pixels:
            return decoder.decode(files[place], [SQUARE], uri="x").pixels[0]

        places = [*range(6)] * 4
        with ThreadPoolExecutor(4) as threads:
            for place, pixels in zip(places, threads.map(again, places), strict=True):
                np.testing.assert_array_equal(pixels, alone[place])


def near(pixels: Pixels, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixels.reshape(-1, 3).astype(int) - colour).max() < 12)


def decoded_or_refused(decoder: Decoder, data: bytes) -> DecodedImage | Reason:
    try:
        return decoder.decode(data, [SQUARE], uri="hostile")
    except ImageError as error:
        return error.reason
