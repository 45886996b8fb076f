"""What a picture's EXIF says: never a reason to refuse it."""

from __future__ import annotations

from datetime import UTC, datetime

from PIL import ExifTags, Image

_TAKEN = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
)


def read(image: Image.Image) -> Image.Exif | None:
    try:
        return image.getexif()
    except Exception:
        return None


def orientation(exif: Image.Exif | None) -> int:
    try:
        return int(exif.get(ExifTags.Base.Orientation, 1)) if exif else 1
    except Exception:
        return 1


def taken_at(exif: Image.Exif | None) -> datetime | None:
    """EXIF DateTimeOriginal, else DateTimeDigitized; UTC where no offset is given."""
    try:
        folder = exif.get_ifd(ExifTags.IFD.Exif) if exif else {}
    except Exception:
        return None
    for when, offset in _TAKEN:
        try:
            moment = datetime.strptime(str(folder[when]).strip("\0 "), "%Y:%m:%d %H:%M:%S")
        except (KeyError, ValueError):
            continue
        try:
            zone = datetime.strptime(str(folder[offset]).strip("\0 "), "%z").tzinfo
        except (KeyError, ValueError):
            zone = UTC
        try:
            return moment.replace(tzinfo=zone).astimezone(UTC)
        except OverflowError:  # a year that UTC does not have: nobody's clock said that
            continue
    return None
