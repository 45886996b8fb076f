"""How far a run is: by working minutes, so that a pause or a slower machine bends no curve.

A deadline, where one is set, pulls the end nearer; the learning rate has then fallen all the same.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

REPORTS = 100  # in a run of short epochs, at most
LONGEST_TICK = 20.0  # seconds; a longer gap between two steps was a pause (SIGSTOP, suspend)


@dataclass
class Schedule:
    """Ticks once a step; `spent` seconds are kept in the checkpoint."""

    minutes: float
    deadline: float = math.inf  # seconds since the epoch
    spent: float = 0.0
    now: Callable[[], float] = time.time
    _last: float | None = field(default=None, init=False)

    def tick(self) -> float:
        """Count the time since the last tick; returns the progress, 0 to 1."""
        now = self.now()
        if self._last is not None:
            self.spent += min(now - self._last, LONGEST_TICK)
        self._last = now
        return self.progress()

    def skip(self) -> None:
        """What happened since the last tick was no training (a checkpoint, an evaluation)."""
        self._last = self.now()

    def progress(self) -> float:
        left = min(self.minutes * 60 - self.spent, self.deadline - self.now())
        return 1.0 if left <= 0 else self.spent / (self.spent + left)


@dataclass
class Reports:
    """When a run looks up: at the end of an epoch, and every `minutes` of a long one.

    Where epochs are short, after `least` working seconds only.
    """

    epoch: float  # pictures
    minutes: float
    seen: int = 0
    spent: float = 0.0
    least: float = 0.0

    @classmethod
    def of(cls, schedule: Schedule, epoch: float, minutes: float, seen: int = 0) -> Reports:
        """Those of a run that is as far as `schedule` says."""
        return cls(epoch, minutes, seen, schedule.spent, schedule.minutes * 60 / REPORTS)

    def due(self, seen: int, spent: float) -> bool:
        """Whether now is such a time; `seen` pictures, `spent` seconds since the run began."""
        ended = seen // self.epoch > self.seen // self.epoch
        worked = spent - self.spent
        if not (ended and worked >= self.least) and worked <= self.minutes * 60:
            return False
        self.seen, self.spent = seen, spent
        return True


def learning_rate(peak: float, progress: float, step: int, warm_up: int, final: float) -> float:
    """Linear over `warm_up` steps, then a cosine down to `final` x `peak`."""
    cosine = final + (1 - final) * 0.5 * (1 + math.cos(math.pi * progress))
    return peak * min(1.0, (step + 1) / warm_up) * cosine
