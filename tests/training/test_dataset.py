from __future__ import annotations

from pathlib import Path

import numpy as np

from training.dataset import open_dataset
from training.prepare import prepare
from training.shards import read_samples


def test_pictures_and_lines_stay_together_when_a_source_is_thinned(
    shards: Path, tmp_path: Path
) -> None:
    prepare(tmp_path / "data", read_samples([shards]), 16)
    whole = open_dataset(tmp_path / "data")
    thin = whole.thinned({"walls": 0.0, "shop": 3.0}, seed=0)
    assert {row["source"] for row in thin.rows} == {"shop"}
    assert len(thin.rows) == 12
    place = [row["key"] for row in whole.rows].index(thin.rows[5]["key"])
    assert np.array_equal(thin.pixels(slice(5, 6)), whole.pixels(slice(place, place + 1)))


def test_weights_are_one_for_sources_that_are_not_named(shards: Path, tmp_path: Path) -> None:
    prepare(tmp_path / "data", read_samples([shards]), 16)
    weights = open_dataset(tmp_path / "data").weights({"shop": 2.5})
    assert sorted(set(weights)) == [1.0, 2.5]
