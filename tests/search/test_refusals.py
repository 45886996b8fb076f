"""Refused pictures are explained in our words; those of the decoder are in the log."""

from __future__ import annotations

import struct
import zlib

import pytest

from search.errors import ImageError, explained
from search.images import LocalDecoder, decode
from search.records import Preprocessing
from tests.pictures import encoded, noise


def png_of(width: int, height: int) -> bytes:
    """A PNG whose head says that it is that large."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    return head + struct.pack(">I", zlib.crc32(chunk)) + encoded(noise(0, 4, 4))[33:]


def why(data: bytes, uri: str = "x.jpg", max_pixels: int = 256_000_000) -> str:
    with pytest.raises(ImageError) as caught:
        LocalDecoder(max_pixels, "max_megapixels").decode(data, [Preprocessing(16)], uri=uri)
    assert str(caught.value) == f"{uri}: {explained(caught.value.reason, caught.value.detail)}"
    return explained(caught.value.reason, caught.value.detail)


@pytest.mark.parametrize(
    ("data", "uri", "words"),
    [
        (b"", "x.jpg", "this is not a picture: the file is empty"),
        (b"Dear diary, no picture here", "x.jpg", "this is not a picture"),
        (b"8BPS" + bytes(40), "x.psd", "the format is not supported: PSD file"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "x.jpg", "the picture is damaged"),
        (encoded(noise(0, 200, 200), "JPEG")[:9000], "x.jpg", "the end of the picture is missing"),
    ],
)
def test_a_refusal_is_explained_in_our_own_words(data: bytes, uri: str, words: str) -> None:
    assert why(data, uri) == words


@pytest.mark.parametrize(
    ("width", "height", "megapixels"),
    [(20_000, 15_000, "300"), (60_000, 60_000, "3,600"), (16_001, 16_000, "257")],
)
def test_too_many_pixels_are_counted_beside_the_limit_and_its_setting(
    width: int, height: int, megapixels: str
) -> None:
    assert why(png_of(width, height)) == (
        "the picture has too many pixels: "
        f"{megapixels} megapixels; at most 256 (setting max_megapixels)"
    )


def test_what_the_decoder_says_goes_to_the_log_as_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("INFO", "search.images"), pytest.raises(ImageError):
        decode(b"Dear diary", [], uri="diary\n.jpg", max_pixels=100)
    (record,) = caplog.records
    assert "cannot identify image file" in record.getMessage()
    assert "'diary\\n.jpg' is skipped: not_an_image" in record.getMessage()
