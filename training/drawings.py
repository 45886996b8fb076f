"""Drawn pictures whose words are certain: shapes, colours, counts, positions and simple things.

    python -m training.drawings OUT.tar --count 6000 --seed 1

writes a shard; a test set is another seed.
"""

from __future__ import annotations

import argparse
import io
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

from .command import run
from .sentences import with_article
from .shards import Meta, Sample, write_shard

Box = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]
Colour = tuple[int, int, int]
Painter = Callable[[ImageDraw.ImageDraw, Box, Colour], None]

PAINTS: dict[str, tuple[str, Colour]] = {
    "red": ("红色", (215, 30, 35)),
    "green": ("绿色", (35, 155, 55)),
    "blue": ("蓝色", (35, 75, 210)),
    "yellow": ("黄色", (250, 215, 30)),
    "orange": ("橙色", (245, 135, 20)),
    "purple": ("紫色", (130, 45, 165)),
    "pink": ("粉色", (250, 140, 185)),
    "brown": ("棕色", (125, 75, 35)),
    "black": ("黑色", (20, 20, 22)),
    "white": ("白色", (250, 250, 250)),
    "grey": ("灰色", (128, 128, 130)),
}
NUMBERS = {2: ("two", "两"), 3: ("three", "三"), 4: ("four", "四"), 5: ("five", "五")}
SIZE = 144  # pixels a side, as the corpus
SCALE = 3  # drawn finer, then reduced: smooth edges


def polygon(points: list[Point]) -> Painter:
    """A painter of a closed line of points in the unit square."""

    def paint(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
        left, top, right, bottom = box
        placed = [(left + x * (right - left), top + y * (bottom - top)) for x, y in points]
        draw.polygon(placed, fill=colour)

    return paint


def ring_of(count: int, inner: float = 1.0, turn: float = -math.pi / 2) -> list[Point]:
    """Corners of a regular polygon; with `inner` < 1, of a star of `count` rays."""
    radii = [0.5] * count if inner == 1 else [0.5, 0.5 * inner] * count
    steps = len(radii)
    angles = [turn + 2 * math.pi * i / steps for i in range(steps)]
    return [
        (0.5 + r * math.cos(a), 0.5 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)
    ]


def inside(box: Box, left: float, top: float, right: float, bottom: float) -> Box:
    """A part of `box`, given in fractions of it."""
    x, y, width, height = box[0], box[1], box[2] - box[0], box[3] - box[1]
    return x + left * width, y + top * height, x + right * width, y + bottom * height


def ellipse(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.ellipse(box, fill=colour)


def oval(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.ellipse(inside(box, 0, 0.22, 1, 0.78), fill=colour)


def square(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.rectangle(box, fill=colour)


def rectangle(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.rectangle(inside(box, 0, 0.25, 1, 0.75), fill=colour)


def ring(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.ellipse(box, outline=colour, width=max(2, int((box[2] - box[0]) * 0.18)))


def heart(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.ellipse(inside(box, 0.02, 0.08, 0.54, 0.56), fill=colour)
    draw.ellipse(inside(box, 0.46, 0.08, 0.98, 0.56), fill=colour)
    polygon([(0.07, 0.45), (0.93, 0.45), (0.5, 0.97)])(draw, box, colour)


def apple(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.ellipse(inside(box, 0.05, 0.22, 0.6, 0.95), fill=colour)
    draw.ellipse(inside(box, 0.4, 0.22, 0.95, 0.95), fill=colour)
    draw.rectangle(inside(box, 0.47, 0.05, 0.53, 0.32), fill=(100, 65, 30))
    draw.ellipse(inside(box, 0.54, 0.06, 0.82, 0.2), fill=(60, 130, 50))


def pear(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.ellipse(inside(box, 0.15, 0.42, 0.85, 1), fill=colour)
    draw.ellipse(inside(box, 0.3, 0.14, 0.7, 0.66), fill=colour)
    draw.rectangle(inside(box, 0.48, 0, 0.53, 0.18), fill=(100, 65, 30))


def banana(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    width = int((box[2] - box[0]) * 0.22)
    draw.arc(inside(box, 0, -0.55, 1, 0.85), 25, 155, fill=colour, width=width)


def mug(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    handle = int((box[2] - box[0]) * 0.08)
    draw.ellipse(inside(box, 0.6, 0.3, 0.98, 0.75), outline=colour, width=handle)
    draw.rectangle(inside(box, 0.08, 0.15, 0.76, 0.92), fill=colour)


def shirt(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    half = [
        (0.5, 0.2),
        (0.6, 0.1),
        (0.75, 0.1),
        (1, 0.32),
        (0.88, 0.48),
        (0.75, 0.38),
        (0.75, 0.95),
    ]
    polygon([*half, *((1 - x, y) for x, y in reversed(half[1:]))])(draw, box, colour)


def car(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    polygon([(0.2, 0.5), (0.32, 0.25), (0.68, 0.25), (0.82, 0.5)])(draw, box, colour)
    draw.rectangle(inside(box, 0, 0.48, 1, 0.72), fill=colour)
    polygon([(0.29, 0.48), (0.36, 0.31), (0.64, 0.31), (0.73, 0.48)])(draw, box, (190, 220, 235))
    for x in (0.14, 0.66):
        draw.ellipse(inside(box, x, 0.6, x + 0.2, 0.85), fill=(35, 35, 38))


def house(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.rectangle(inside(box, 0.12, 0.42, 0.88, 1), fill=colour)
    polygon([(0, 0.45), (0.5, 0.02), (1, 0.45)])(draw, box, (120, 60, 45))
    draw.rectangle(inside(box, 0.42, 0.65, 0.58, 1), fill=(80, 55, 40))


def flower(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.rectangle(inside(box, 0.47, 0.5, 0.53, 1), fill=(50, 130, 50))
    for x, y in ring_of(6):
        cx, cy = 0.5 + (x - 0.5) * 0.5, 0.35 + (y - 0.5) * 0.5
        draw.ellipse(inside(box, cx - 0.15, cy - 0.15, cx + 0.15, cy + 0.15), fill=colour)
    draw.ellipse(inside(box, 0.4, 0.25, 0.6, 0.45), fill=(245, 205, 60))


def balloon(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.ellipse(inside(box, 0.15, 0, 0.85, 0.75), fill=colour)
    polygon([(0.44, 0.8), (0.56, 0.8), (0.5, 0.72)])(draw, box, colour)
    draw.line([inside(box, 0.5, 0.8, 1, 1)[:2], inside(box, 0.47, 1, 1, 1)[:2]], fill=(90, 90, 90))


def bottle(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.rectangle(inside(box, 0.28, 0.38, 0.72, 1), fill=colour)
    polygon([(0.28, 0.4), (0.42, 0.22), (0.58, 0.22), (0.72, 0.4)])(draw, box, colour)
    draw.rectangle(inside(box, 0.42, 0, 0.58, 0.24), fill=colour)


def hat(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    draw.rectangle(inside(box, 0.25, 0.2, 0.75, 0.75), fill=colour)
    draw.ellipse(inside(box, 0, 0.65, 1, 0.88), fill=colour)


STAR = ring_of(5, 0.42)
CROSS = [(0.34, 0), (0.66, 0), (0.66, 0.34), (1, 0.34), (1, 0.66), (0.66, 0.66), (0.66, 1)]
ARROW = [(0, 0.35), (0.55, 0.35), (0.55, 0.1), (1, 0.5), (0.55, 0.9), (0.55, 0.65), (0, 0.65)]
SHAPES: dict[str, tuple[str, Painter]] = {
    "circle": ("圆形", ellipse),
    "square": ("正方形", square),
    "triangle": ("三角形", polygon([(0.5, 0.05), (1, 0.95), (0, 0.95)])),
    "rectangle": ("长方形", rectangle),
    "oval": ("椭圆形", oval),
    "star": ("星形", polygon(STAR)),
    "diamond": ("菱形", polygon([(0.5, 0), (0.85, 0.5), (0.5, 1), (0.15, 0.5)])),
    "pentagon": ("五边形", polygon(ring_of(5))),
    "hexagon": ("六边形", polygon(ring_of(6))),
    "cross": (
        "十字形",
        polygon([*CROSS, (0.34, 1), (0.34, 0.66), (0, 0.66), (0, 0.34), (0.34, 0.34)]),
    ),
    "heart": ("心形", heart),
    "ring": ("圆环", ring),
    "arrow": ("箭头", polygon(ARROW)),
}
THINGS: dict[str, tuple[str, Painter, tuple[str, ...]]] = {
    "apple": ("苹果", apple, ("red", "green", "yellow")),
    "pear": ("梨", pear, ("green", "yellow", "brown")),
    "banana": ("香蕉", banana, ("yellow", "green")),
    "mug": ("杯子", mug, ()),
    "t-shirt": ("T恤", shirt, ()),
    "car": ("汽车", car, ()),
    "house": ("房子", house, ("red", "blue", "yellow", "white", "green", "pink", "grey")),
    "flower": ("花", flower, ("red", "pink", "purple", "white", "orange", "blue")),
    "balloon": ("气球", balloon, ()),
    "bottle": ("瓶子", bottle, ()),
    "hat": ("帽子", hat, ()),
}
RELATIONS = {
    "left of": ("左边", (-1, 0)),
    "right of": ("右边", (1, 0)),
    "above": ("上面", (0, -1)),
    "below": ("下面", (0, 1)),
}


@dataclass
class Canvas:
    """A picture in the making."""

    chance: random.Random
    background: Colour = (255, 255, 255)
    image: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE), self.background)

    def place(self, painter: Painter, colour: Colour, centre: Point, size: float) -> None:
        """`centre` and `size` in fractions of the picture's side; a little turned at random."""
        side = int(size * SIZE * SCALE)
        tile = Image.new("RGBA", (side * 2, side * 2))
        painter(ImageDraw.Draw(tile), (side * 0.5, side * 0.5, side * 1.5, side * 1.5), colour)
        tile = tile.rotate(self.chance.uniform(-9, 9), resample=Image.Resampling.BILINEAR)
        left, top = (int(c * SIZE * SCALE) - side for c in centre)
        self.image.paste(tile, (left, top), tile)

    def jpeg(self) -> bytes:
        out = io.BytesIO()
        self.image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Said:
    """A drawing and what is certain about it."""

    picture: bytes
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    label: str
    label_zh: str


def one_shape(chance: random.Random) -> Said:
    """A single shape somewhere, of any size that can be seen."""
    colour, shape = chance.choice(list(PAINTS)), chance.choice(list(SHAPES))
    name, name_zh = f"{colour} {shape}", PAINTS[colour][0] + SHAPES[shape][0]
    canvas = Canvas(chance, _background(chance, {colour}))
    size = chance.uniform(0.3, 0.8)
    canvas.place(SHAPES[shape][1], _shade(chance, colour), _anywhere(chance, size), size)
    english = (with_article(name), name, f"a picture of {with_article(name)}", f"{name} shape")
    chinese = (f"一个{name_zh}", name_zh, f"{PAINTS[colour][0]}的{SHAPES[shape][0]}")
    return Said(canvas.jpeg(), english, chinese, name, name_zh)


def one_thing(chance: random.Random) -> Said:
    """A simple thing, such as an apple or a mug, in one colour."""
    thing = chance.choice(list(THINGS))
    thing_zh, painter, colours = THINGS[thing]
    colour = chance.choice(colours or tuple(PAINTS))
    name, name_zh = f"{colour} {thing}", PAINTS[colour][0] + thing_zh
    canvas = Canvas(chance, _background(chance, {colour}))
    size = chance.uniform(0.4, 0.85)
    canvas.place(painter, _shade(chance, colour), _anywhere(chance, size), size)
    english = (f"a drawing of {with_article(name)}", name, with_article(name), f"cartoon {name}")
    chinese = (f"一幅{name_zh}的画", name_zh, f"{PAINTS[colour][0]}的{thing_zh}")
    return Said(canvas.jpeg(), english, chinese, name, name_zh)


def two_shapes(chance: random.Random) -> Said:
    """Two shapes of two colours beside or above each other, said from either side."""
    (one, two), (first, second) = chance.sample(list(PAINTS), 2), chance.sample(list(SHAPES), 2)
    relation = chance.choice(list(RELATIONS))
    relation_zh, (x, y) = RELATIONS[relation]
    canvas = Canvas(chance, _background(chance, {one, two}))
    reach, size = 0.24, chance.uniform(0.3, 0.42)
    canvas.place(SHAPES[first][1], _shade(chance, one), (0.5 + x * reach, 0.5 + y * reach), size)
    canvas.place(SHAPES[second][1], _shade(chance, two), (0.5 - x * reach, 0.5 - y * reach), size)
    a, b = f"{one} {first}", f"{two} {second}"
    a_zh, b_zh = PAINTS[one][0] + SHAPES[first][0], PAINTS[two][0] + SHAPES[second][0]
    english = (f"{with_article(a)} {relation} {with_article(b)}", f"{a} {relation} {b}")
    both = (f"{with_article(a)} and {with_article(b)}", f"{with_article(b)} and {with_article(a)}")
    chinese = (f"{a_zh}在{b_zh}的{relation_zh}", f"{a_zh}和{b_zh}")
    return Said(canvas.jpeg(), english + both, chinese, english[0], chinese[0])


def several(chance: random.Random) -> Said:
    """Two to five of the same shape in one colour."""
    count, colour = chance.choice([2, 3, 4, 5]), chance.choice(list(PAINTS))
    shape = chance.choice(["circle", "square", "triangle", "star", "heart", "diamond"])
    number, number_zh = NUMBERS[count]
    name = f"{number} {colour} {shape}s"
    name_zh = f"{number_zh}个{PAINTS[colour][0]}{SHAPES[shape][0]}"
    canvas = Canvas(chance, _background(chance, {colour}))
    shade = _shade(chance, colour)
    for cell in chance.sample([(i, j) for i in range(3) for j in range(3)], count):
        centre = tuple(0.18 + 0.32 * c + chance.uniform(-0.03, 0.03) for c in cell)
        canvas.place(SHAPES[shape][1], shade, (centre[0], centre[1]), 0.24)
    return Said(canvas.jpeg(), (name, f"a picture of {name}"), (name_zh,), name, name_zh)


MAKERS = (one_shape, one_thing, two_shapes, several)
OFTEN = (0.45, 0.25, 0.2, 0.1)


def draw(count: int, seed: int) -> Iterator[Sample]:
    """`count` drawings; the same seed draws the same."""
    chance = random.Random(seed)
    for number in range(count):
        said = chance.choices(MAKERS, OFTEN)[0](chance)
        yield Sample(f"drawn_{seed}_{number:06d}", said.picture, _meta(said))


def _meta(said: Said) -> Meta:
    return {
        "source": "drawings",
        "license": "ours",
        "label": None,
        "attributes": ["drawing"],
        "drawn": said.label,
        "drawn_zh": said.label_zh,
        "captions": list(said.english),
        "captions_zh": list(said.chinese),
    }


def _shade(chance: random.Random, colour: str) -> Colour:
    spread = 6 if colour in ("white", "black") else 16
    return _near(chance, PAINTS[colour][1], spread)


def _near(chance: random.Random, colour: Colour, spread: int) -> Colour:
    red, green, blue = (max(0, min(255, c + chance.randint(-spread, spread))) for c in colour)
    return red, green, blue


def _background(chance: random.Random, used: set[str]) -> Colour:
    """White mostly, else pale, now and then a colour that nothing on it has."""
    roll = chance.random()
    if "white" in used or roll > 0.9:
        others = [name for name in PAINTS if name not in used and name != "white"]
        return PAINTS[chance.choice(others)][1]
    return (255, 255, 255) if roll < 0.6 else _near(chance, (232, 232, 228), 18)


def _anywhere(chance: random.Random, size: float) -> Point:
    room = max(0.0, 0.5 - size / 2 - 0.03)
    return 0.5 + chance.uniform(-room, room), 0.5 + chance.uniform(-room, room)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shard", type=Path)
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(write_shard(chosen.shard, draw(chosen.count, chosen.seed)), "drawings")


if __name__ == "__main__":
    run(main)
