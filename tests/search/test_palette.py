"""Colours of pictures, by the names that people have for them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageDraw

from search.palette import NAMES, facts, names_of, oklab
from search.swatches import SWATCHES

ALSO = {  # CSS calls these otherwise than people do, or with two of our names
    "darkslategray", "darkslategrey", "lightgray", "lightgrey", "lightslategray", "lightslategrey",
    "slategray", "slategrey", "antiquewhite", "navajowhite", "mediumvioletred", "palevioletred",
    "greenyellow", "lightgoldenrodyellow", "lightyellow", "aliceblue", "darkslateblue",
    "mediumslateblue", "slateblue", "brown", "rosybrown", "sandybrown",
}  # fmt: skip


def named(colour: str) -> str:
    lab = oklab(np.array([ImageColor.getrgb(colour)[:3]], np.uint8))
    return NAMES[int(names_of(lab)[0])]


@pytest.mark.parametrize("name", NAMES)
def test_colours_with_the_name_in_theirs_are_called_so(name: str) -> None:
    endings = (name, "gray") if name == "grey" else (name,)
    of_css = [css for css in ImageColor.colormap if css.endswith(endings) and css not in ALSO]
    assert {named(css) for css in [SWATCHES[name].shade, *of_css]} == {name}


@pytest.mark.parametrize(
    ("colour", "name"),
    [("crimson", "red"), ("maroon", "red"), ("navy", "blue"), ("cyan", "blue"), ("khaki", "yellow"),
     ("lime", "green"), ("violet", "purple"), ("tan", "beige"), ("wheat", "beige"),
     ("chocolate", "orange"), ("saddlebrown", "brown"), ("#202226", "black"), ("#ffffff", "white"),
     ("silver", "grey"), ("salmon", "red"), ("gold", "yellow")],
)  # fmt: skip
def test_shades_belong_to_a_basic_colour(colour: str, name: str) -> None:
    assert named(colour) == name


def on_ground(thing: str, ground: str, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A disc with a shadow on a plain ground."""
    picture = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(picture)
    x, y = size[0] // 2, size[1] // 2
    draw.ellipse((x - 60, y - 60, x + 60, y + 60), fill=thing)
    return picture


def test_on_a_plain_ground_the_thing_has_the_colours() -> None:
    (colour, ground) = facts(on_ground("firebrick", "white"))
    assert (colour.name, colour.text) == ("colour", "red")
    assert colour.number is not None
    assert colour.number > 0.95
    assert (ground.name, ground.text) == ("ground", "white")


def test_a_thing_of_the_ground_s_colour_keeps_it_behind_its_edge() -> None:
    picture = on_ground("grey", "white")
    ImageDraw.Draw(picture).ellipse((105, 65, 215, 175), fill="white")
    assert [fact.text for fact in facts(picture)] == ["white", "white"]  # and its ground


def test_without_a_plain_ground_all_of_the_picture_counts_its_middle_first() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    picture = Image.fromarray(noise).resize((320, 320))
    picture.paste("blue", (80, 80, 240, 240))
    first = facts(picture)[0]
    assert (first.name, first.text) == ("colour", "blue")
    assert all(fact.name == "colour" for fact in facts(picture))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (320, 2), (64, 64), (65, 3)])
def test_a_picture_of_one_colour_has_that(size: tuple[int, int]) -> None:
    assert [(fact.name, fact.text) for fact in facts(Image.new("RGB", size, "green"))] == [
        ("colour", "green")
    ]
