"""Collapsing: how many others a hit stands for."""

from __future__ import annotations

import time

import numpy as np
import pytest

from search.collapse import folded
from search.copies import Groups

GROUPS = Groups.of(np.array([[2, 5], [5, 9]]))


@pytest.mark.parametrize(
    ("id_", "allowed", "count"),
    [(2, None, 2), (2, [1, 2, 5], 1), (2, [5, 9], 2), (2, [], 0), (2, [1], 0), (7, [5, 7], 0)],
)
def test_others_count_as_far_as_they_may_be_hits(
    id_: int, allowed: list[int] | None, count: int
) -> None:
    ids = None if allowed is None else np.array(allowed, np.int64)
    assert folded(id_, GROUPS, ids) == count


def test_a_page_of_a_large_library_is_counted_at_once() -> None:
    allowed, began = np.arange(300_000), time.perf_counter()
    for id_ in (2, 5, 9, *range(20, 60)):
        folded(id_, GROUPS, allowed)
    assert time.perf_counter() - began < 0.2
