"""This checkout beside another one: is anything slower than it was?

    git worktree add ../before COMMIT
    python -m benchmarks.against ../before [--rounds 5] [--only unchanged http] [--json FILE]

Each measure runs in a process of its own, in turns: here, there, here... A figure is the median
over the rounds of there / here, each compared with its own neighbour: above 1 this one is faster.
The other checkout needs no installation; it is put on the path before this one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .photographs import draw_photographs
from .rounds import write_json

HERE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Checkout:
    """One state of the program, and where its runs put their things."""

    root: Path
    scratch: Path

    def run(self, *arguments: str) -> None:
        """`python ARGUMENTS` in this state; CalledProcessError with what it said otherwise."""
        environment = {**os.environ, "PYTHONPATH": str(self.root), "PYTHONSAFEPATH": "1"}
        subprocess.run(
            [sys.executable, *arguments],
            check=True,
            cwd=self.scratch,
            env=environment,
            stdout=subprocess.DEVNULL,
        )

    def cpu_seconds(self, *arguments: str) -> float:
        """Of the run and all processes that it waited for."""
        before = _of_children()
        self.run(*arguments)
        return _of_children() - before

    def figure(self, name: str, program: str, *arguments: str) -> float:
        """What a benchmark of that state writes under this name."""
        file = self.scratch / "figures.json"
        self.run("-m", f"benchmarks.{program}", *arguments, "--json", str(file))
        return float(json.loads(file.read_text())[name])


Measure = Callable[[Checkout], float]  # seconds or milliseconds: less is better

_INGEST = ("--files", "256", "--naive", "1", "--rounds", "1")

MEASURES: Mapping[str, Measure] = {
    "help": lambda state: state.cpu_seconds("-m", "indexer", "--help"),
    "status": lambda state: state.cpu_seconds("-m", "indexer", *_library(state), "status"),
    "ingest": lambda state: 1 / state.figure("ours_per_s", "ingest", *_INGEST),
    "unchanged": lambda state: state.figure("add_ms", "unchanged", "--rounds", "5"),
    "search": lambda state: state.figure("search_ms", "http_search", "--rounds", "100"),
    "filtered": lambda state: state.figure("filtered_ms", "http_search", "--rounds", "100"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("other", type=Path, help="another checkout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        states = [
            _prepared(Checkout(root.resolve(), Path(folder, name)))
            for name, root in (("here", HERE), ("there", given.other))
        ]
        results = {}
        for name in given.only:
            results[name] = measure(MEASURES[name], states, given.rounds)
            print(
                "{name:10} {here:10.4f} {there:10.4f} {times:6.2f}".format(
                    name=name, **results[name]
                ),
                flush=True,
            )
    write_json(given.json, results)


def measure(work: Measure, states: Sequence[Checkout], rounds: int) -> dict[str, float]:
    """Medians of both, and how many times as fast this one is."""
    here, there = states
    taken = [(work(here), work(there)) for _ in range(rounds)]
    return {
        "here": statistics.median(ours for ours, _ in taken),
        "there": statistics.median(theirs for _, theirs in taken),
        "times": statistics.median(theirs / ours for ours, theirs in taken),
    }


def _prepared(state: Checkout) -> Checkout:
    """With a small library of its own making."""
    photos = state.scratch / "photos"
    photos.mkdir(parents=True)
    draw_photographs(photos, 8)
    state.run("-m", "indexer", *_library(state), "add", str(photos), "--quiet")
    return state


def _library(state: Checkout) -> tuple[str, str]:
    return "--library", str(state.scratch / "library")


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
