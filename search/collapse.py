"""Collapsing: of images that belong together one is a hit and stands for the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from .ranking import Ranking
from .records import Ids


class Groups(Protocol):
    """Which images belong together: copies of one picture, variants of one product."""

    def heads_of(self, ids: Ids) -> Ids:
        """Of each image the one that its group is known by; itself where it is in none."""

    def spare(self, among: Ids | None) -> int:
        """How many of these images, or of all, another one of them stands for."""

    def others_of(self, id_: int) -> Ids:
        """The other images of its group."""


def collapsed(ranked: Ranking, groups: Groups, spare: int) -> Ranking:
    """The first image of each group; `spare`: how many of all that the total counts go with it."""
    _, first = np.unique(groups.heads_of(ranked.ids), return_index=True)
    return replace(ranked.taken(np.sort(first)), total=ranked.total - spare)


def folded(id_: int, groups: Groups, allowed: Ids | None) -> int:
    """How many others a hit stands for, of those that may be hits: ascending ids, None: all."""
    others = groups.others_of(id_)
    if allowed is None or not len(others) or not len(allowed):
        return len(others) if allowed is None else 0
    places = np.minimum(np.searchsorted(allowed, others), len(allowed) - 1)
    return int((allowed[places] == others).sum())
