"""Alternating rounds: what is compared runs in turns, so a busy machine slows both alike."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def alternate(work: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each round, by name; one round before the first warms up and does not count."""
    one_round(work)
    taken = [one_round(work)[0] for _ in range(rounds)]
    return {name: [seconds[name] for seconds in taken] for name in work}


def one_round(work: Mapping[str, Callable[[], Any]]) -> tuple[dict[str, float], dict[str, Any]]:
    """Seconds and answers, by name."""
    seconds, answers = {}, {}
    for name, run in work.items():
        began = time.perf_counter()
        answers[name] = run()
        seconds[name] = time.perf_counter() - began
    return seconds, answers


def ratio(reference: list[float], ours: list[float]) -> float:
    """How many times faster: the median over rounds, each compared with its own neighbour."""
    return statistics.median(r / o for r, o in zip(reference, ours, strict=True))


def write_json(file: Path | None, results: Any) -> None:
    if file:
        file.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
