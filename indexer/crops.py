"""Closer looks: parts of a picture, seen larger, go into the one vector that it has.

What is small or at the edge is found better for it; a search costs the same. Each look is one more
pass of the tower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from search.records import Pixels, Preprocessing, Vectors, are_unit

SIDE = 0.6  # of the picture's sides
PLACES = ((0.5, 0.5), (0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))  # the middle, the corners
WHOLE = 0.4  # what the whole picture counts for each part, and at least 1


def closer(view: Preprocessing) -> Preprocessing:
    """The view of which a part is as large as this one."""
    return replace(view, size=round(view.size / SIDE))


def parts(pixels: Pixels, size: int, count: int) -> Iterator[Pixels]:
    """Of pictures in the closer view, the first `count` parts: each (n, size, size, 3)."""
    left = pixels.shape[1] - size
    for x, y in PLACES[:count]:
        top, start = round(y * left), round(x * left)
        yield pixels[:, top : top + size, start : start + size]


def averaged(whole: Vectors, parts: Sequence[Vectors]) -> Vectors:
    """(n, dim) of the pictures; a part without a vector counts nothing."""
    summed = max(1.0, WHOLE * len(parts)) * whole
    for part in parts:
        summed = summed + np.where(are_unit(part)[:, None], part, 0)
    lengths = np.linalg.norm(summed, axis=1, keepdims=True)
    vectors: Vectors = np.where(lengths > 0, summed / np.maximum(lengths, 1e-12), whole)
    return vectors.astype(np.float32)
