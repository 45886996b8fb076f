"""Variants of one thing are one hit: of each family the image that ranks first stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .ranking import Ranking
from .records import Ids


def one_of_each(ranked: Ranking, families: Ids) -> Ranking:
    """The ranking without images of a family that is there already, its total without them too.

    `families`: of each ranked image the number of its family, below 0 where it has none and stands
    for itself. All images that count must be
    ranked.
    """
    if (families < 0).all():
        return ranked
    own = np.where(families < 0, -1 - np.arange(len(families)), families)
    _, places = np.unique(own, return_index=True)
    return replace(ranked.taken(np.sort(places)), total=len(places))
