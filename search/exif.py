"""What a picture's EXIF says: never a reason to refuse it."""

from __future__ import annotations

from datetime import UTC, datetime

from PIL import ExifTags, Image

from .records import Attribute

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


def facts(exif: Image.Exif | None) -> tuple[Attribute, ...]:
    """What else is worth keeping; another fact is another line here, and a higher `FACTS`."""
    found = {"camera": _camera(exif)}
    return tuple(Attribute(name, text) for name, text in found.items() if text)


def _camera(exif: Image.Exif | None) -> str:
    """Make and model as people say them: "Canon EOS 5D", not "Canon Canon EOS 5D"."""
    make, model = (_line(exif, tag) for tag in (ExifTags.Base.Make, ExifTags.Base.Model))
    brand = [word for word in make.split() if word.strip(",.").lower() not in _OF_FIRMS] or [make]
    said = model.casefold().split()[:1]
    if said and any(said[0].startswith(word.casefold()) for word in brand):
        return model
    return " ".join([*brand, model]).strip()


_OF_FIRMS = {"co", "company", "corp", "corporation", "inc", "limited", "ltd"}
_LONGEST = 100  # characters of a make or a model; the longest of real ones have forty


def _line(exif: Image.Exif | None, tag: ExifTags.Base) -> str:
    """A text in one line, and nothing in it that does not show; a text ends at its first NUL."""
    try:
        value = exif.get(tag) if exif else None
    except Exception:
        return ""
    if not isinstance(value, str):
        return ""
    text = _decoded(value.partition("\0")[0][: 4 * _LONGEST])
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:_LONGEST].strip()


def _decoded(text: str) -> str:
    """Texts are ASCII, Pillow reads them as Latin-1, and cameras write UTF-8."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


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
