"""The colours of a picture by their names, each with its share.

On a plain ground, as shops photograph, they are those of what lies on it, elsewhere those of the
picture, its middle before its edges. Names are regions of OKLCh, the lightness, chroma and hue of
OKLab (Ottosson, "A perceptual color space for image processing", 2020); their borders lie where
the base colours of product photographs were told apart best.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .records import Attribute
from .swatches import SWATCHES

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

COLOUR, GROUND = "colour", "ground"  # names of facts
NAMES = tuple(SWATCHES)
LEAST = 0.2  # share from which a picture is said to have a colour
SIDE = 64  # px of the long side of what is looked at
BITS = 5  # of each channel that decide on a name

NEAR_GROUND = 0.05  # in OKLab
PLAIN = 0.55  # of the edge that is of one colour where a ground is plain
SMALLEST = 0.03  # of the picture that lies on a ground; less than that is no object
CORNERS = 6  # px of a ground behind something
MIDDLE = 0.4  # spread of the weight of the middle, in halves of a side

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)


def facts(image: Image.Image) -> tuple[Attribute, ...]:
    """The colours of an upright RGB picture, the largest first, and that of its plain ground."""
    codes = _codes(image)
    ground = _ground(codes)
    of_object = _shares(codes, ground)
    found = [Attribute(COLOUR, NAMES[n], float(of_object[n])) for n in _had(of_object)]
    if ground.any():
        shares = _shares(codes, ~ground)
        largest = int(shares.argmax())
        found.append(Attribute(GROUND, NAMES[largest], float(ground.mean())))
    return tuple(found)


def oklab(rgb: NDArray[np.uint8]) -> Floats:
    """(..., 3) of sRGB -> lightness, a and b."""
    value = rgb.astype(np.float32) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    lab: Floats = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def names_of(lab: Floats) -> NDArray[np.uint8]:
    """(n, 3) -> places in NAMES. The first region that holds a colour names it."""
    light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360  # red 29, yellow 110, blue 264
    without = chroma < np.where((hue > 190) & (hue < 310), 0.019, 0.015)  # shadows are bluish
    warm = (hue >= 42) & (hue < 95)
    reddish = (hue >= 345) | (hue < 40)
    regions = (
        ("black", (light < 0.18) | (light < 0.39) & (chroma < 0.018)),
        ("white", without & (light > 0.83)),
        ("grey", without),
        ("beige", warm & (light > 0.58) & (chroma < 0.055)),
        ("beige", (hue >= 60) & (hue < 112) & (light > 0.75) & (chroma < 0.07)),
        ("brown", warm & (light < 0.55) & (hue < 78)),
        ("brown", warm & (light < 0.78) & (chroma < 0.075)),
        ("pink", reddish & (light > 0.39) & ((hue >= 345) | (hue < 12))),
        ("pink", reddish & (light > 0.74) & (chroma < 0.13)),
        ("red", reddish),
        ("orange", hue < 78),
        ("yellow", (hue < 103) & (light > 0.54) | (hue < 114) & (light > 0.85)),
        ("green", hue < 193),
        ("blue", hue < 285),
        ("purple", hue < 360),
    )
    places = [NAMES.index(name) for name, _ in regions]
    chosen: NDArray[np.uint8] = np.select([inside for _, inside in regions], places).astype(
        np.uint8
    )
    return chosen


@cache
def _known() -> tuple[Floats, NDArray[np.uint8]]:
    """Of each code the OKLab, and the place of its name."""
    step = 1 << 8 - BITS
    channel = np.arange(step // 2, 256, step).astype(np.uint8)
    lab = oklab(np.stack(np.meshgrid(channel, channel, channel, indexing="ij"), -1).reshape(-1, 3))
    return lab, names_of(lab)


def _codes(image: Image.Image) -> NDArray[np.int32]:
    """(height, width) of a smaller picture: the first bits of each channel, as one number."""
    factor = max(1, -(-max(image.size) // SIDE))
    first = np.asarray(image.reduce(factor) if factor > 1 else image).astype(np.int32) >> 8 - BITS
    codes: NDArray[np.int32] = (first[..., 0] << BITS | first[..., 1]) << BITS | first[..., 2]
    return codes


def _shares(codes: NDArray[np.int32], without: Mask) -> Floats:
    """Of each name; without a ground the middle of the picture weighs more than its edges."""
    weights = np.where(without, 0, 1) if without.any() else _middle(*codes.shape)
    names = _known()[1][codes]
    counted = np.bincount(names.ravel(), weights.ravel(), len(NAMES))
    shares: Floats = (counted / counted.sum()).astype(np.float32)
    return shares


@cache
def _middle(height: int, width: int) -> Floats:
    down, across = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)
    weights: Floats = np.exp(-(down**2 + across**2) / (2 * MIDDLE**2)).astype(np.float32)
    return weights


def _had(shares: Floats) -> list[int]:
    """The names that count, the largest first; the largest always does."""
    order: list[int] = np.argsort(-shares, kind="stable").tolist()
    return order[:1] + [place for place in order[1:] if shares[place] >= LEAST]


def _ground(codes: NDArray[np.int32]) -> Mask:
    """Where a plain ground shows: what is of the colour of most of the edge, and reaches it.

    Nothing, where the edge is of many colours or nothing lies on the ground.
    """
    lab = _known()[0][codes]
    edge = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    colour = np.median(edge, 0)
    if (_distance(edge, colour) < NEAR_GROUND).mean() < PLAIN:
        return np.zeros(codes.shape, np.bool_)
    ground = _reaching_edge(_distance(lab, colour) < NEAR_GROUND)
    return ground if (~ground).mean() > SMALLEST else np.zeros_like(ground)


def _distance(lab: Floats, colour: Floats) -> Floats:
    distance: Floats = np.linalg.norm(lab - colour, axis=-1)
    return distance


def _reaching_edge(near: Mask) -> Mask:
    """What is joined to the edge: along straight lines, and a few steps around corners."""
    run = np.logical_and.accumulate
    reached = run(near) | run(near[::-1])[::-1] | run(near, 1) | run(near[:, ::-1], 1)[:, ::-1]
    for _ in range(CORNERS):
        grown = reached.copy()
        grown[1:] |= reached[:-1]
        grown[:-1] |= reached[1:]
        grown[:, 1:] |= reached[:, :-1]
        grown[:, :-1] |= reached[:, 1:]
        reached = grown & near
    return reached
