"""Rows: states that never change, in memory that they share."""

from __future__ import annotations

import numpy as np
import pytest

from search.index.rows import Rows
from tests.vectors import NOTHING, changes, units

DIM = 8


def test_a_state_stays_what_it_was_whatever_comes_after_it() -> None:
    vectors = units(300, DIM, 1)
    ids = np.arange(300)
    first = Rows.empty(DIM).after(changes(ids[:100], vectors[:100]))
    second = first.after(changes(ids[100:150], vectors[100:150], removed=ids[:10], revision=2))
    other = first.after(changes(ids[200:], vectors[200:], revision=2))  # another future of `first`
    assert first.vectors(ids[:100]) == pytest.approx(vectors[:100])
    assert second.vectors(ids[10:150]) == pytest.approx(vectors[10:150])
    assert other.vectors(ids[200:]) == pytest.approx(vectors[200:])
    assert (len(first), len(second), len(other)) == (100, 140, 200)


def test_new_rows_are_written_behind_those_that_are_there() -> None:
    rows = Rows.empty(DIM).after(changes(np.arange(1000), units(1000, DIM, 1)))
    after = rows.after(changes([5000], units(1, DIM, 2), revision=2))
    assert np.shares_memory(rows.halves, after.halves)


def test_rows_are_put_together_when_a_fifth_is_gone_and_keep_half_precision() -> None:
    vectors = units(1000, DIM, 1)
    rows = Rows.empty(DIM).after(changes(np.arange(1000), vectors))
    fewer = rows.after(changes(NOTHING, vectors[:0], removed=np.arange(190), revision=2))
    assert (fewer.built, len(fewer.ids)) == (0, 1000)
    fewest = fewer.after(changes(NOTHING, vectors[:0], removed=np.arange(190, 300), revision=3))
    assert (fewest.built, len(fewest.ids), fewest.halves.dtype) == (1, 700, np.float16)
    assert (fewest.vectors(np.arange(300, 1000)) == vectors[300:]).all()
