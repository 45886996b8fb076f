"""One file, read and decoded in this process: nothing here survives what kills a decoder."""

from __future__ import annotations

from ..reading import Outcome, Task
from .files import outcome_of, request_for
from .process import Limits


def read_directly(task: Task, limits: Limits) -> Outcome:
    """For a process that is bounded from outside: of `limits`, only that of pixels holds here."""
    from ..worker import answer_to  # it imports Pillow, which the pool's owner need not

    return outcome_of(task, answer_to(request_for(task), limits.max_pixels), limits)
