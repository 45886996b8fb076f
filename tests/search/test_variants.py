from __future__ import annotations

import numpy as np

from search.ranking import Ranking
from search.variants import one_of_each

RANKED = Ranking(np.array([7, 3, 9, 1]), np.array([3.0, 2, 1, 0]), {"image": np.eye(4)}, 4)


def test_of_each_family_the_first_stays_and_the_total_is_without_the_others() -> None:
    left = one_of_each(RANKED, np.array([0, -1, 0, -1]), np.zeros(4, int))
    assert left.ids.tolist() == [7, 3, 1]
    assert left.total == 3
    assert left.features["image"].tolist() == np.eye(4)[[0, 1, 3]].tolist()


def test_the_same_family_in_another_collection_is_another_one() -> None:
    left = one_of_each(RANKED, np.array([1, 0, 1, 1]), np.array([0, 1, 0, 1]))
    assert left.ids.tolist() == [7, 3, 1]
