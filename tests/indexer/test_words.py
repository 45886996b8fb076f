"""What the command line says to people about files that it cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from .conftest import Indexer


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    """A text, an empty file, half a photo, and a bitmap that is larger than the limit."""
    folder = tmp_path / "messy"
    folder.mkdir()
    (folder / "diary.jpg").write_text("Dear diary")
    (folder / "empty.jpg").touch()
    Image.effect_noise((300, 300), 90).save(folder / "half.jpg")
    whole = (folder / "half.jpg").read_bytes()
    (folder / "half.jpg").write_bytes(whole[: len(whole) // 2])
    Image.new("L", (2000, 1500)).save(folder / "large.png")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "config.toml").write_text("max_megapixels = 2\nquery_megapixels = 1\n")
    return folder


def test_files_that_cannot_be_used_are_named_with_a_sentence(indexer: Indexer, messy: Path) -> None:
    added = indexer("add", str(messy), "-v")
    assert added.code == 3
    skipped, as_json = indexer("skipped").out, indexer("skipped", "--json")
    reasons = {
        "diary.jpg": ("not_an_image", "this is not a picture", ""),
        "empty.jpg": ("not_an_image", "this is not a picture", "the file is empty"),
        "half.jpg": ("truncated", "the end of the picture is missing", ""),
        "large.png": (
            "too_large",
            "the picture has too many pixels",
            "3 megapixels; at most 2 (setting max_megapixels)",
        ),
    }
    for name, (reason, sentence, detail) in reasons.items():
        line = f"{messy / name}: {sentence}" + (f": {detail}" if detail else "")
        assert f"skipped {line}\n" in added.err
        assert f"{line}\n" in skipped
        (told,) = [line for line in as_json.lines[:-1] if line["path"] == str(messy / name)]
        assert (told["reason"], told["detail"]) == (reason, detail)


def test_a_picture_that_is_no_question_is_named_with_a_sentence(
    indexer: Indexer, messy: Path
) -> None:
    indexer("add", str(messy))
    diary, large = str(messy / "diary.jpg"), str(messy / "large.png")
    for command in (["describe", diary], ["similar", diary], ["search", "--image", diary]):
        ran = indexer(*command)
        assert (ran.code, ran.err) == (1, f"indexer: {diary}: this is not a picture\n")
    ran = indexer("describe", large, "--json")
    assert ran.lines[0] == {
        "message_type": "error",
        "message": f"{large}: the picture has too many pixels: "
        "3 megapixels; at most 1 (setting query_megapixels)",
        "reason": "too_large",
        "exit_code": 1,
    }


def test_commands_are_advised_for_the_library_at_hand(indexer: Indexer, messy: Path) -> None:
    library = messy.parent / "my library"
    named = f"--library '{library}'"
    missing = indexer("status", "--library", str(library))
    assert missing.code == 10
    assert f"`indexer add PATH {named}`" in missing.err
    added = indexer("--library", str(library), "add", str(messy))
    assert f"`indexer skipped {named}` says why." in added.out
    assert f"(see `indexer skipped {named}`)" in indexer("status", "--library", str(library)).out


def test_neighbours_are_weighed_and_a_picture_is_none_of_its_own(
    indexer: Indexer, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, colour in enumerate(("red", "darkred", "navy")):
        Image.effect_noise((200, 200), 20 + 30 * number).save(folder / f"{colour}.png")
        Image.new("RGB", (200, 200), colour).save(folder / f"plain-{colour}.png")
    indexer("add", str(folder))
    red = str(folder / "plain-red.png")
    described = indexer("describe", red).out.splitlines()
    similar = indexer("similar", red, "--all").out.splitlines()
    for lines in (described, similar):
        (own,) = [line for line in lines if f"{red} " in line or line.endswith(red)]
        assert own == f"This picture is in the library: {red} (image {own.split()[-1]}"
    as_json = indexer("describe", red, "--json").summary
    assert as_json["nearest"][0]["path"] == red
    assert set(as_json) == {"message_type", "caption", "tags", "nearest"}
    for hit in as_json["nearest"][1:]:
        (line,) = [line for line in described if f"{hit['path']} " in line]
        mark = {"strong": "", "weak": "  (weak)", "none": "  (no match)"}[hit["relevance"]]
        assert line.startswith("nearest  ")
        assert line.partition("  [")[0].endswith((hit["caption"] or "") + mark)
    assert {"none", "weak"} & {hit["relevance"] for hit in as_json["nearest"]}
