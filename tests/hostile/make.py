"""How the files beside this program were made: `python -m tests.hostile.make`.

Needs pillow-heif besides, for the HEIC files: Pomona itself only reads them. All of them are drawn
here; nobody else has rights in them.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

FOLDER = Path(__file__).parent
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
)
Files = Iterator[tuple[str, str, bytes]]  # name, verdict, content


def picture(width: int = 64, height: int = 48) -> Image.Image:
    """A red disc on a slope of blue: as wide as it is high only where it was not turned."""
    blue = np.linspace(60, 255, width).astype(np.uint8)
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 2] = blue
    image = Image.fromarray(pixels)
    ImageDraw.Draw(image).ellipse((8, 8, 32, 32), fill=(220, 30, 30))
    return image


def encoded(image: Image.Image, format_: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def turned(orientation: int) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    return found


def taken_with(make: str, model: str) -> Image.Exif:
    found = Image.Exif()
    found[0x010F], found[0x0110] = make, model
    return found


def sound() -> Files:
    """Odd, and to be indexed all the same."""
    jpeg, png = encoded(picture(), "JPEG"), encoded(picture(), "PNG")
    yield "no-extension", "index", jpeg
    yield "UPPER.JPG", "index", encoded(picture(65), "JPEG")
    yield "png-named.jpg", "index", png
    yield "cmyk.jpg", "index", encoded(picture().convert("CMYK"), "JPEG")
    yield "grey16.png", "index", encoded(Image.fromarray(_ramp()), "PNG")
    yield "float32.tif", "index", encoded(Image.fromarray(_ramp().astype(np.float32)), "TIFF")
    yield "transparent.png", "index", encoded(picture().convert("RGBA"), "PNG")
    yield "turned-6.jpg", "index", encoded(picture(), "JPEG", exif=turned(6))
    yield "turned-65535.jpg", "index", encoded(picture(), "JPEG", exif=turned(65535))
    yield "1x1.png", "index", encoded(picture(1, 1), "PNG")
    yield "1x3000.png", "index", encoded(picture(1, 3000), "PNG")
    yield "zip-behind.jpg", "index", jpeg + b"PK\x03\x04" + bytes(60)
    frames = [picture(width) for width in (32, 33, 34)]
    frames = [frame.resize((32, 32)) for frame in frames]
    options = {"save_all": True, "append_images": frames[1:]}
    yield "animated.gif", "index", encoded(frames[0], "GIF", **options)
    yield "animated.webp", "index", encoded(frames[0], "WEBP", **options)
    yield "sound.avif", "index", encoded(picture(), "AVIF")
    yield "sound.heic", "index", _heic()
    yield "camera.heic", "index", _heic(taken_with("NIKON CORPORATION", "NIKON D90"))


def broken() -> Files:
    jpeg, png, heic = encoded(picture(), "JPEG"), encoded(picture(), "PNG"), _heic()
    yield "empty.jpg", "skip:not_an_image", b""
    yield "text.jpg", "skip:not_an_image", b"this is a text and nothing else\n"
    yield "page.png", "skip:not_an_image", b"<!doctype html><script>alert(1)</script>"
    yield "film.heic", "skip:not_an_image", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(200)
    yield "magic-only.png", "skip:corrupt", png[:8]
    yield "flipped.png", "skip:corrupt", _flipped(png)
    yield "cut.jpg", "skip:truncated", jpeg[: len(jpeg) // 2]
    yield "cut.png", "skip:truncated", png[: len(png) // 2]
    yield "cut.heic", "skip:truncated", heic[: len(heic) // 2]
    yield "drawing.svg", "skip:unsupported_format", SVG
    yield "drawing.png", "skip:unsupported_format", SVG
    yield "photo.nef", "skip:unsupported_format", encoded(picture(), "TIFF")
    yield "icon.ico", "skip:unsupported_format", encoded(picture(32, 32), "ICO")
    yield "many-pixels.png", "skip:too_large", _bomb(30_000)


def hidden_text() -> Files:
    """Markup in the metadata, and sixty megabytes of text that pack into nothing."""
    info = PngInfo()
    info.add_itxt("Comment", "<script>alert(1)</script>" * 2_400_000, zip=True)
    yield "long-text.png", "index", encoded(picture(66), "PNG", pnginfo=info)


def _ramp() -> Any:
    """Every grey from black to white in 16 bits: 64 columns that stay 64 different ones."""
    return np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (48, 1))


def _flipped(png: bytes) -> bytes:
    at = png.index(b"IDAT") + 12
    return png[:at] + bytes([png[at] ^ 0xFF]) + png[at + 1 :]


def _bomb(side: int) -> bytes:
    """A PNG of side x side black pixels, one bit each, written without ever holding them."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = side.to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
        for name, body in chunks
    )


def _heic(exif: Image.Exif | None = None) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return encoded(picture(), "HEIF", quality=80, exif=exif or Image.Exif())


def main() -> None:
    files = FOLDER / "files"
    files.mkdir(exist_ok=True)
    rows = [*sound(), *broken(), *hidden_text()]
    for name, _, content in rows:
        (files / name).write_bytes(content)
    with (FOLDER / "manifest.csv").open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("path", "verdict", "note"))
        writer.writerows((f"files/{name}", verdict, "") for name, verdict, _ in rows)


if __name__ == "__main__":
    main()
