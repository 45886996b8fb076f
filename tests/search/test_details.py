"""Only sentences of ours stand beside a reason."""

from __future__ import annotations

import pytest

from search import details


@pytest.mark.parametrize(
    "detail",
    [
        "",
        details.EMPTY,
        details.NOT_REGULAR,
        details.FOLDER,
        details.too_many_pixels(300_000_000, 256_000_000, "max_megapixels"),
        details.too_many_pixels(None, 50_000_000),
        details.over_limit("0.5 s", "decode_seconds"),
        details.over_limit("4096 MB", "decode_memory_mb"),
        details.format_of("farbfeld"),
        "Input/output error",
    ],
)
def test_what_we_write_is_ours(detail: str) -> None:
    assert details.own(detail) == detail


@pytest.mark.parametrize(
    "said",
    [
        "cannot identify image file <_io.BytesIO object at 0x7f82b1b98b80>",
        "Image size (3600000000 pixels) exceeds limit of 512000000 pixels, could be "
        "decompression bomb DOS attack.",
        "broken PNG file (chunk b'IDAT')",
        "MemoryError",
        "image file is truncated (12 bytes not processed)",
        "the file is empty\nrm -rf /",
    ],
)
def test_what_a_decoder_said_is_not(said: str) -> None:
    assert details.own(said) == ""
