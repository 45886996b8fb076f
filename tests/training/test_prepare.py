"""Pictures are trained with as `search` will see them, and what cannot be used is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures import encoded, exif
from training.prepare import prepare, squash
from training.shards import Sample, read_keys, read_samples

from .conftest import labelled


def test_a_phones_photo_is_turned_upright() -> None:
    """Orientation 6: the camera was turned; the stored top is the picture's right side."""
    image = Image.new("RGB", (40, 40), "white")
    image.paste((200, 0, 0), (0, 0, 40, 20))
    pixels = squash(encoded(image, "JPEG", exif=exif(orientation=6)), 16)
    assert pixels[8, 13, 1] < 60  # red on the right
    assert pixels[8, 2, 1] > 200


def test_a_cut_out_stands_on_white() -> None:
    assert (squash(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0))), 8) == 255).all()


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = Sample("mug 17", b"no picture", {"source": "shop", "label": "mug"})
    with pytest.raises(ValueError, match="mug 17"):
        prepare(tmp_path, [broken], 16)


@pytest.mark.parametrize(
    "meta",
    [
        {"label": "mug", "attributes": None},
        {"title": "Blue Ceramic Mug", "label_zh": "杯子"},
        {"captions": ["a mug"]},
    ],
)
def test_every_field_may_be_missing(meta: dict[str, object], tmp_path: Path) -> None:
    sample = Sample("a", labelled(0).picture, {"source": "shop"} | meta)
    assert prepare(tmp_path, [sample], 16) == 1


def test_a_pictures_one_colour_is_kept_but_not_a_drawings(tmp_path: Path) -> None:
    photo, icon = labelled(0), labelled(1)
    icon.meta["attributes"] = ["icon", "green"]
    prepare(tmp_path, [photo, icon], 16)
    lines = [json.loads(line) for line in (tmp_path / "pictures.jsonl").open()]
    assert [line["colour"] for line in lines] == ["red", None]


def test_keys_with_blanks_are_left_out_as_a_whole(shards: Path, tmp_path: Path) -> None:
    (tmp_path / "held-out.txt").write_text("mug 03\nmug_001\n")
    without = read_keys(tmp_path / "held-out.txt")
    assert without == {"mug 03", "mug_001"}
    keys = {sample.key for sample in read_samples([shards], without)}
    assert "mug_001" not in keys
    assert len(keys) == 23


def test_pixels_have_the_size_that_was_asked_for(shards: Path, tmp_path: Path) -> None:
    count = prepare(tmp_path, read_samples([shards]), 24)
    assert np.fromfile(tmp_path / "pictures.u8", np.uint8).size == count * 24 * 24 * 3


def test_what_fails_leaves_the_data_as_it_was(shards: Path, tmp_path: Path) -> None:
    prepare(tmp_path, read_samples([shards]), 16)
    before = {file.name: file.read_bytes() for file in tmp_path.glob("pictures.*")}
    for samples in ([], [labelled(0), Sample("broken", b"no picture", {"title": "mug"})]):
        with pytest.raises(ValueError, match=r"no pictures|broken"):
            prepare(tmp_path, samples, 16)
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
