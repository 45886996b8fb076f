"""A perceptual hash of a picture: 256 bits that copies of it share, whatever their size or quality.

The signs of the lowest frequencies of its brightness (DCT), against their median: Zauner,
"Implementation and benchmarking of perceptual image hash functions", 2010.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .records import Attribute

HASH = "phash"  # name of the fact: 64 hexadecimal digits
SIDE = 64  # px of the square that is looked at
LOW = 16  # frequencies of each direction
FLATTEST = 2.0  # spread of brightness (of 255) below which there is nothing to tell pictures by


def facts(image: Image.Image) -> tuple[Attribute, ...]:
    """The hash of an upright RGB picture; none of a blank one, whose copies are all blank ones."""
    square = image.resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=1.0).convert("L")
    brightness = np.asarray(square, np.float32)
    if brightness.std() < FLATTEST:
        return ()
    waves = _waves()
    low = (waves @ brightness @ waves.T).ravel()
    low[0] = 0  # the mean brightness tells nothing
    bits = low > np.median(low[1:])
    return (Attribute(HASH, np.packbits(bits).tobytes().hex()),)


@cache
def _waves() -> NDArray[np.float32]:
    """(LOW, SIDE): the first cosines of DCT-II, each of unit length."""
    at = (np.arange(SIDE) + 0.5) * np.pi / SIDE
    waves = np.cos(np.arange(LOW)[:, None] * at) * np.sqrt(2 / SIDE)
    small: NDArray[np.float32] = waves.astype(np.float32)
    return small
