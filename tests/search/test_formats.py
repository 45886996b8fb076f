"""The table of formats: everything that speaks of them reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.formats import FORMATS, Format, format_named, in_words
from search.images import LocalDecoder
from search.signatures import EXTENSIONS, detect
from tests.pictures import encoded, plain

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
FILTERS = (ROOT / "docs" / "filters.md").read_text()
NOT_WRITTEN = {"HEIF"}  # pi_heif only reads


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_a_format_is_known_by_name_and_extensions_wherever_files_are_looked_for(
    each: Format,
) -> None:
    for word in (each.name, each.name.lower(), *each.extensions, f".{each.extensions[0].upper()}"):
        assert format_named(word) == each.name
    assert {extension.encode() for extension in each.extensions} <= EXTENSIONS
    assert each.media_type.startswith("image/")


@pytest.mark.parametrize(
    "each", [f for f in FORMATS if f.name not in NOT_WRITTEN], ids=lambda each: each.name
)
def test_what_is_written_in_a_format_is_told_as_it_and_decoded(each: Format) -> None:
    data = encoded(plain((200, 30, 30)), each.name)
    assert detect(data) == each.name
    assert LocalDecoder().decode(data, [], uri="x").format == each.name


@pytest.mark.parametrize("word", ["exe", "", ".", "jpegs", "psd", "cr2"])
def test_other_words_name_no_format(word: str) -> None:
    assert format_named(word) is None


def test_sentences_and_documents_name_all_of_them() -> None:
    assert in_words() == "JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC and AVIF"
    assert in_words("or").endswith("HEIC or AVIF")
    for each in FORMATS:
        assert f"`{each.name}`" in FILTERS
        assert each.known_as in README
