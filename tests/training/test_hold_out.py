"""What is set apart is set apart for good, and for everybody the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.hold_out import choose, write
from training.shards import read_samples

SETS = {"products": {"shop": 2}, "scenes": {"walls": 1}}


def test_a_fifth_of_a_label_at_most_is_chosen_and_always_the_same(shards: Path) -> None:
    samples = list(read_samples([shards]))
    chosen = choose(samples, SETS, frozenset())
    assert sorted(chosen.values()) == ["products", "products", "scenes"]
    assert choose(reversed(samples), SETS, frozenset()) == chosen


def test_a_key_that_must_not_be_measured_is_not_chosen(shards: Path) -> None:
    samples = list(read_samples([shards]))
    first = choose(samples, SETS, frozenset())
    second = choose(samples, SETS, frozenset(first))
    assert not first.keys() & second.keys()


def test_the_folders_hold_what_the_benchmark_reads(shards: Path, tmp_path: Path) -> None:
    samples = list(read_samples([shards]))
    chosen = choose(samples, SETS, frozenset())
    write(tmp_path / "sets", samples, chosen)
    (line,) = (tmp_path / "sets/scenes/captions.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert (tmp_path / "sets/scenes" / told["file"]).exists()
    assert told["captions_zh"]
    assert (tmp_path / "sets/held-out.txt").read_text().split() == sorted(chosen)


def test_a_key_that_two_samples_have_is_refused(shards: Path) -> None:
    """Else the picture of one would be tested with the other's label."""
    samples = list(read_samples([shards]))
    with pytest.raises(ValueError, match=samples[0].key):
        choose([*samples, samples[0]], SETS, frozenset())
