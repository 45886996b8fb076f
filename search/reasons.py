"""Reasons: what speaks for each hit, read off the same sum that ranked it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .calibration import Curve, Floats
from .evidence import Evidence
from .fulltext import NAME
from .lexical import WordsEvidence
from .ranking import CALLED, Ranking
from .records import HitReason

LEAST = 0.01  # what carries less is no reason


def reasons(
    ranked: Ranking,
    curve: Curve,
    scores: Callable[[Floats], Floats],
    evidence: Sequence[Evidence],
) -> list[tuple[HitReason, ...]]:
    """Of each image, the strongest first; `scores` makes them of log-odds."""
    if not ranked.features:  # nothing was compared
        return [()] * len(ranked.ids)
    alone = {name: scores(odds) for name, odds in curve.alone(ranked.features).items()}
    words = next((one for one in evidence if isinstance(one, WordsEvidence)), None)

    def of(place: int, id_: int) -> Iterator[HitReason]:
        for name, carried in alone.items():
            known = np.isfinite(ranked.features[name][place, -1])
            if known and carried[place] >= LEAST:
                matches = words.matches(id_) if words and name == NAME else ()
                yield HitReason(CALLED.get(name, name), float(carried[place]), matches)

    return [
        tuple(sorted(of(place, id_), key=lambda one: -one.score))
        for place, id_ in enumerate(ranked.ids.tolist())
    ]
