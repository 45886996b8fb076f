"""What the first bytes of a file say it is. Names formats; decodes nothing.

`Image.open` swallows the reason why a plugin refused a file, so only the signature tells a damaged
JPEG from a text file that is called .jpg.
"""

from __future__ import annotations

import re

from .formats import FORMATS, SUPPORTED

_SIGNATURES = [
    (re.compile(each.signature, re.DOTALL), each.name) for each in FORMATS if each.signature
]

# Pictures of kinds that we do not read.
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\0\0\0\x0cjP  ", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"\0\0\0\x0cJXL ", "JXL"),
    (b"\xff\x0a", "JXL"),
    (b"\0\0\1\0", "ICO"),
    (b"\0\0\2\0", "CUR"),
    (b"8BPS", "PSD"),
    (b"DDS ", "DDS"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"SIMPLE  =", "FITS"),
    (b"FTEX", "FTEX"),
    (b"#?RADIANCE", "HDR"),
    (b"#?RGBE", "HDR"),
    (b"icns", "ICNS"),
    (b"DanM", "MSP"),
    (b"LinS", "MSP"),
    (b"BLP1", "BLP"),
    (b"BLP2", "BLP"),
    (b"qoif", "QOI"),
    (b"farbfeld", "farbfeld"),
    (b"\x01\xda", "SGI"),
    (b"\x59\xa6\x6a\x95", "SUN"),
    (b"/* XPM", "XPM"),
    (b"P7 332", "XVThumb"),
    (b"\x0a\x05\x01", "PCX"),
    (b"\x0a\x03\x01", "PCX"),
    (b"\x0a\x02\x01", "PCX"),
    (b"FUJIFILMCCD-RAW", "RAF"),
    (b"gimp xcf", "XCF"),
    (b"AT&TFORM", "DJVU"),
)

# Formats without a signature are told by the name alone.
_UNSIGNED = {
    "tga": "TGA",
    "icb": "TGA",
    "vda": "TGA",
    "vst": "TGA",
    "wbmp": "WBMP",
    "gd": "GD",
    "mic": "MIC",
    "fpx": "FPX",
    "fli": "FLI",
    "flc": "FLI",
    "pcx": "PCX",
    "pcd": "PCD",
    "psd": "PSD",
    "dds": "DDS",
    "eps": "EPS",
    "ico": "ICO",
    "jp2": "JPEG2000",
    "j2k": "JPEG2000",
    "msp": "MSP",
    "hdr": "HDR",
    "ppm": "PPM",
    "pgm": "PPM",
    "pbm": "PPM",
}

# What cameras write before it is a picture. Most are TIFF inside, whose first picture is a preview
# of 160 x 120 px: nobody means that one, so such a file is told by its name and not opened.
_RAW = frozenset(
    b"3fr arw cr2 cr3 crw dcr dng drf erf fff gpr iiq k25 kdc mef mos mrw nef nrw orf pef ptx raf"
    b" rw2 rwl rwz sr2 srf srw x3f".split()
)

# Every extension that a picture may carry, the ones that we cannot read included: a folder of raw
# photographs is reported as skipped, not passed over in silence.
_INDEXED = frozenset(extension.encode() for each in FORMATS for extension in each.extensions)
_UNREAD = frozenset(
    b"tga icb vda vst psd psb ico cur icns dds eps ps svg svgz jp2 j2k j2c jpc jpf jpx jxl jxr"
    b" wdp ppm pgm pbm pnm pfm pam sgi rgb rgba bw ras sun im1 im8 im24 im32 xbm xpm xv p7 pcx dcx"
    b" hdr exr qoi ff farbfeld wbmp gd gd2 mic fpx fits fit fts fli flc blp ftc ftu msp pcd xcf"
    b" djvu pkm nie nii th handsum".split()
)
EXTENSIONS = _RAW | _INDEXED | _UNREAD


def detect(data: bytes) -> str | None:
    """The format's name by its signature, supported or not; None for anything else."""
    head = data[:64]
    for signature, name in _SIGNATURES:
        if signature.match(head):
            return name
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return _brand(data)
    if head[4:6] in (b"\x11\xaf", b"\x12\xaf"):
        return "FLI"
    if head[:1] == b"P" and head[1:2] in b"1234567fF" and head[2:3].isspace():
        return "PPM"
    if data[-18:-1] == b"TRUEVISION-XFILE.":
        return "TGA"
    return _markup(data)


def supported(data: bytes, name: str) -> tuple[str | None, bool]:
    """The format by signature, else by file name; and whether it is one that we read."""
    found = detect(data)
    if found is None:
        found = _UNSIGNED.get(name.rpartition(".")[2].lower())
    return found, found in SUPPORTED


def raw_format(name: str) -> str | None:
    """The raw format that a file name promises: "NEF"."""
    _, dot, extension = name.rpartition(".")
    known = extension.lower().encode(errors="replace") in _RAW
    return extension.upper() if dot and known else None


def cut_short(data: bytes) -> bool:
    """Whether a boxed file ends inside one of its boxes (ISO/IEC 14496-12, 4.2)."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size == 0:  # to the end of the file
            return False
        if size < 8:
            return False  # damaged rather than cut
        at += size
    return at > len(data)


def _brand(data: bytes) -> str | None:
    """By the brands of the file type box; None for films."""
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12]} | {data[at : at + 4] for at in range(16, max(size, 16), 4)}
    found = [each.name for each in FORMATS if brands.intersection(each.brands)]
    return found[-1] if found else None


def _markup(data: bytes) -> str | None:
    text = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"<svg", b"<?xml", b"<!--")) and b"<svg" in text:
        return "SVG"
    if text.startswith((b"#define", b"/*")) and b"_width" in text:
        return "XBM"
    return None
