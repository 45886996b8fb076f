"""Colours that words name, as evidence: what is known not to have them is a little less likely.

The towers know colours well, but waver where things are small or pale. The weight is one that made
no set worse of shop photographs (a colour and a thing) and scenes (captions with a colour).
"""

from __future__ import annotations

import numpy as np

from .calibration import Floats
from .colour_words import COLOURS, colouring
from .columns import Columns
from .filters import BY_NAME, OneOf
from .query import Query, Words
from .ranking import Loss, no_loss
from .records import Ids

LOSS = 0.5  # of the log-odds


def loss_of_colour(query: Query, columns: Columns) -> Loss:
    """What images lose that have other colours than those which the words of the query name."""
    named = {colour for term in query.wanted for colour in _named(term)}
    if not named or query.evidence:
        return no_loss
    lacking = _lacking(named, columns)
    return lambda ids: LOSS * _among(ids, lacking)


def _named(term: object) -> set[str]:
    said = colouring(term.text) if isinstance(term, Words) else None
    return COLOURS.keys() & said.colour.split() if said else set()


def _lacking(named: set[str], columns: Columns) -> Ids:
    """Ascending ids of images whose colours are known and are others."""
    kind = BY_NAME["colour"]
    assert isinstance(kind, OneOf)
    colours = columns.current().by_value(kind.column)
    others = colours.any_of(set(COLOURS) - named) - colours.any_of(named)
    return np.array(others.to_array(), np.int64)


def _among(ids: Ids, some: Ids) -> Floats:
    if not len(some):
        return np.zeros(len(ids))
    places = np.minimum(np.searchsorted(some, ids), len(some) - 1)
    found: Floats = (some[places] == ids).astype(np.float64)
    return found
