"""Scans are counted as a decoder would meet them."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from search import jpeg
from search.errors import ImageError, Reason
from search.images import LocalDecoder
from search.records import Preprocessing
from tests.pictures import encoded, noise

MARKERS_OF_OTHERS = b"\xff\xda" * 300


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def endless(scans: int, width: int, height: int) -> bytes:
    """A grey progressive JPEG that says in each scan, in a few bytes, that nothing changes.

    The one symbol of its Huffman table, 0xE0, is "the next 16,384 blocks end here, and as many
    more as the following 14 bits say".
    """
    blocks = (width + 7) // 8 * ((height + 7) // 8)
    runs = "".join("0" + "1" * 13 + "0" for _ in range(-(-blocks // 32766)))
    bits = runs + "1" * (-len(runs) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    scan = segment(0xDA, bytes([1, 1, 0, 1, 63, 0])) + data
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xDB, b"\0" + b"\x10" * 64),
            segment(0xC2, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)),
            segment(0xC4, bytes([0x10, 1, *[0] * 15, 0xE0])),
            scan * scans,
            b"\xff\xd9",
        )
    )


def read(data: bytes) -> None:
    LocalDecoder().decode(data, [Preprocessing(8)], uri="x")


def test_as_many_scans_as_an_encoder_writes_are_read() -> None:
    for options in ({}, {"progressive": True}):
        data = encoded(noise(1, 300, 200), "JPEG", **options)
        assert jpeg.scans(data) == (10 if options else 1)
        read(data)


def test_the_limit_is_where_we_say() -> None:
    read(endless(jpeg.MAX_SCANS, 64, 64))
    with pytest.raises(ImageError) as caught:
        read(endless(jpeg.MAX_SCANS + 1, 64, 64))
    assert caught.value.reason is Reason.UNSUPPORTED_VARIANT
    assert caught.value.detail == "101 scans; at most 100"


def test_a_small_file_that_would_take_half_a_minute_is_refused() -> None:
    data = endless(1000, 7000, 7000)
    assert len(data) < 80_000
    with pytest.raises(ImageError) as caught:
        read(data)
    assert caught.value.detail == "1,000 scans; at most 100"


def test_scans_of_what_a_file_carries_besides_its_picture_do_not_count() -> None:
    """A thumbnail, a video after the end, as phones write them."""
    plain = encoded(noise(1, 64, 48), "JPEG", progressive=True)
    comment = segment(0xFE, MARKERS_OF_OTHERS)
    for data in (plain + MARKERS_OF_OTHERS, plain[:2] + comment + plain[2:], plain + plain * 20):
        assert data.count(b"\xff\xda") > jpeg.MAX_SCANS
        assert jpeg.scans(data) == 10
        read(data)


def test_scans_that_hide_behind_a_broken_segment_are_counted() -> None:
    data = endless(500, 64, 64)
    scan = data.index(b"\xff\xda")
    for between in (b"garbage", b"\xff\xff\xff", b"\xff\x00", b"\xff\xd0", b"\xff\x01"):
        assert jpeg.scans(data[:scan] + between + data[scan:]) == 500


def test_counting_ends_for_any_bytes() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        noise_ = rng.choice(
            [0x00, 0xD8, 0xDA, 0xD9, 0xFF, 0x02], 2000, p=[0.2, 0.1, 0.2, 0, 0.4, 0.1]
        )
        data = noise_.astype(np.uint8).tobytes()
        assert 0 <= jpeg.scans(b"\xff\xd8" + data) <= data.count(b"\xff\xda")
