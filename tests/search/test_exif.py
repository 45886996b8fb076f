"""Facts of a picture, as its EXIF tells them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from search.images import LocalDecoder
from search.records import Attribute
from tests.pictures import encoded, noise

MAKE, MODEL = ExifTags.Base.Make, ExifTags.Base.Model
BYTE, ASCII, SHORT, UNDEFINED = 1, 2, 3, 7  # types of TIFF


def facts(data: bytes) -> tuple[Attribute, ...]:
    found = LocalDecoder().decode(data, [], uri="x").facts
    return tuple(fact for fact in found if fact.name == "camera")


def tags(make: object, model: object) -> Image.Exif:
    found = Image.Exif()
    found[MAKE], found[MODEL] = make, model
    return found


def raw(make: tuple[int, bytes], model: tuple[int, bytes]) -> bytes:
    """EXIF as somebody might write it: types and bytes as they are given."""
    entries, blobs, at = b"", b"", 8 + 2 + 2 * 12 + 4
    for tag, (kind, content) in ((MAKE, make), (MODEL, model)):
        count = len(content) // (2 if kind == SHORT else 1)
        if len(content) <= 4:
            entries += struct.pack("<HHI", tag, kind, count) + content.ljust(4, b"\0")
        else:
            entries += struct.pack("<HHII", tag, kind, count, at + len(blobs))
            blobs += content
    return b"Exif\0\0II*\0\x08\0\0\0\x02\0" + entries + bytes(4) + blobs


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("NIKON CORPORATION", "COOLPIX P7000", "NIKON COOLPIX P7000"),
        ("EASTMAN KODAK COMPANY", "KODAK DC240 ZOOM DIGITAL CAMERA",
         "KODAK DC240 ZOOM DIGITAL CAMERA"),
        ("FUJI PHOTO FILM CO., LTD.", "FinePix S2", "FUJI PHOTO FILM FinePix S2"),
        ("Apple", "iPhone\n  12 mini", "Apple iPhone 12 mini"),
        ("samsung", "SM-G930F", "samsung SM-G930F"),
        ("HUAWEI", "huawei P30", "huawei P30"),
        ("Corp.", "X", "Corp. X"),
        ("", "X100", "X100"),
        ("Agfa", "", "Agfa"),
    ],
)  # fmt: skip
def test_the_camera_is_said_as_people_say_it(make: str, model: str, camera: str) -> None:
    assert facts(encoded(noise(), "JPEG", exif=tags(make, model))) == (Attribute("camera", camera),)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_format_tells_it(format_: str) -> None:
    data = encoded(noise(), format_, exif=tags("OLYMPUS CORPORATION", "E-M1 Mark II"))
    assert facts(data) == (Attribute("camera", "OLYMPUS E-M1 Mark II"),)


def test_a_heic_photo_tells_it() -> None:
    file = Path(__file__).parents[1] / "hostile" / "files" / "camera.heic"
    assert facts(file.read_bytes()) == (Attribute("camera", "NIKON D90"),)


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ((ASCII, b"Canon\0\0\0\0\0"), (ASCII, b"Canon EOS 5D\0" + bytes(19)), "Canon EOS 5D"),
        ((ASCII, b"Sony   "), (ASCII, b"  DSC-F717\0junk"), "Sony DSC-F717"),
        ((ASCII, "Ph\xf6to\0".encode()), (ASCII, "相机 5\0".encode()), "Ph\xf6to 相机 5"),
        ((ASCII, b"Ph\xf6to\0"), (ASCII, b"5\0"), "Ph\xf6to 5"),
        ((ASCII, b"\x01\x02\x1b[31m"), (ASCII, b"red\xe2\x80\xaeder\0"), "[31m red der"),
        ((SHORT, b"\1\0\2\0\3\0"), (ASCII, b"X100\0"), "X100"),
        ((UNDEFINED, b"Canon EOS"), (BYTE, b"Canon EOS"), None),
        ((ASCII, b"\0" * 8), (ASCII, b"    \0\0\0\0"), None),
    ],
)
def test_what_people_and_programs_write_there_is_read_with_care(
    make: tuple[int, bytes], model: tuple[int, bytes], camera: str | None, format_: str
) -> None:
    data = encoded(noise(), format_, exif=raw(make, model))
    assert facts(data) == (() if camera is None else (Attribute("camera", camera),))


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_a_name_as_long_as_a_book_is_cut(format_: str) -> None:
    junk = bytes(32 + n % 95 for n in range(65_000))
    (fact,) = facts(encoded(noise(), format_, exif=raw((ASCII, b"Canon\0"), (ASCII, junk))))
    assert fact.text is not None
    assert fact.text.startswith('Canon !"#$%&')
    assert len(fact.text) <= 106


def test_a_picture_without_exif_has_no_facts() -> None:
    assert facts(encoded(noise(), "PNG")) == ()
