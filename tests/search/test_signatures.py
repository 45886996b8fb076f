"""First bytes -> format."""

from __future__ import annotations

import pytest

from search.signatures import EXTENSIONS, cut_short, detect, raw_format


@pytest.mark.parametrize(
    ("head", "format_"),
    [
        (b"\xff\xd8\xff\xe1", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "WEBP"),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", None),
        (b"P6\n1 1\n255\n", "PPM"),
        (b"Perhaps a letter", None),
        (b"  <?xml version='1.0'?><svg/>", "SVG"),
        (b"<?xml version='1.0'?><note/>", None),
        (b"", None),
    ],
)
def test_the_first_bytes_name_the_format(head: bytes, format_: str | None) -> None:
    assert detect(head) == format_


def test_a_file_that_ends_inside_a_box_is_cut_short() -> None:
    box = b"\0\0\0\x0cftypheic"
    assert not cut_short(box)
    assert not cut_short(box + b"\0\0\0\0mdat" + bytes(5))  # the last box may be open
    assert cut_short(box + b"\0\0\0\x20mdat" + bytes(5))


def test_raw_photographs_count_as_pictures_and_films_do_not() -> None:
    assert {b"nef", b"cr2", b"dng", b"iiq", b"tga"} <= EXTENSIONS
    assert not {b"mp4", b"txt", b"pdf", b"json", b""} & EXTENSIONS


@pytest.mark.parametrize("name", ["DSC_0001.NEF", "a/b.dng", "c.Cr2", "d.jpg.arw"])
def test_a_raw_photograph_is_told_by_its_name(name: str) -> None:
    assert raw_format(name) == name.rpartition(".")[2].upper()


@pytest.mark.parametrize("name", ["nef", "a.nef.jpg", "a.tif", "nef/a", ".nef/a.png", ""])
def test_other_names_promise_no_raw_photograph(name: str) -> None:
    assert raw_format(name) is None
