"""Only what is certain is recoloured."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from training.recolour import variants
from training.shards import Sample


def ball(colour: str, label: str = "ball", ground: str = "white") -> Sample:
    image = Image.new("RGB", (64, 64), ground)
    ImageDraw.Draw(image).ellipse((12, 12, 52, 52), fill=colour)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return Sample("ball", out.getvalue(), {"label": label, "attributes": ["red"], "title": "Red"})


def test_a_red_ball_on_white_becomes_what_its_words_say() -> None:
    (variant,) = variants([ball("#d02020")], seed=0)
    middle = np.asarray(Image.open(io.BytesIO(variant.picture)))[32, 32].astype(int)
    wanted = {"green": 1, "blue": 2}
    colour = variant.meta["attributes"][0]
    assert colour != "red"
    assert "title" not in variant.meta
    if colour in wanted:
        assert middle.argmax() == wanted[colour]


def test_what_stands_on_a_ground_of_colour_stays() -> None:
    assert not list(variants([ball("#d02020", ground="#4060a0")], seed=0))


def test_a_label_that_says_its_colour_stays() -> None:
    assert not list(variants([ball("#d02020", label="red bell pepper")], seed=0))


def test_a_cut_out_counts_as_standing_on_white() -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((12, 12, 52, 52), fill="#d02020")
    out = io.BytesIO()
    image.save(out, "PNG")
    meta = {"label": "ball", "attributes": ["red"]}
    (variant,) = variants([Sample("ball", out.getvalue(), meta)], seed=0)
    assert np.asarray(Image.open(io.BytesIO(variant.picture)))[2, 2].min() > 240
