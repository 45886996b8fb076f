"""Variants of one thing are one hit: of each family the image that ranks first stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .ranking import Ranking
from .records import Ids


def one_of_each(ranked: Ranking, families: Ids, collections: Ids) -> Ranking:
    """The ranking without images of a family that is there already, its total without them too.

    `families`: of each ranked image the number of its family, below 0 where it has none and stands
    for itself; two collections have no family in common. All images that count must be ranked.
    """
    shared = families * (1 + collections.max(initial=0)) + collections
    own = np.where(families < 0, -1 - np.arange(len(families)), shared)
    _, places = np.unique(own, return_index=True)
    return replace(ranked.taken(np.sort(places)), total=len(places))
