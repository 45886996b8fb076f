"""Reads and decodes many files, several at a time."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Self

from search.errors import Reason
from search.settings import Settings

from ..messages import Answer, Request, pack, unpack_answer
from ..reading import Outcome, Task
from .process import PROGRAM, START_SECONDS, Limits, Worker, WorkerDiedError, cores

AHEAD = 2  # files that a worker is given at once: it never waits for this process


class DecoderPool:
    """Reads and decodes many files, several at a time, results in the order of completion."""

    def __init__(self, workers: int, limits: Limits, program: str = PROGRAM) -> None:
        """`workers` 0: one a core. `program`: the module whose `main` a worker runs."""
        self._lanes = [_Lane(limits, program) for _ in range(workers or cores())]
        self._closed = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.workers, Limits.for_files(settings))

    def start(self) -> None:
        """Let the workers start now, while something else is being loaded."""
        for lane in self._lanes:
            lane.start()

    def results(self, tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        """One Outcome for each task; `tasks` is read only as far ahead as there are workers."""
        waiting = iter(tasks)
        try:
            while self._fill(waiting):
                busy = [lane for lane in self._lanes if lane.tasks]
                deadline = min(lane.deadline for lane in busy)
                ready = wait(
                    [lane.connection for lane in busy], max(0.0, deadline - time.monotonic())
                )
                if self._closed:
                    return
                for lane in busy:
                    if lane.connection in ready:
                        yield from lane.collect()
                    elif time.monotonic() >= lane.deadline and not lane.connection.poll():
                        yield lane.give_up()  # not: an answer that came while we were held up
        finally:
            for lane in self._lanes:
                if lane.tasks:
                    lane.stop()

    def _fill(self, waiting: Iterator[Task]) -> bool:
        """Hand out tasks until every worker has enough; whether anything is under way."""
        for depth in range(1, AHEAD + 1):
            for lane in self._lanes:
                while len(lane.tasks) < depth:
                    task = next(waiting, None)
                    if task is None:
                        return any(lane.tasks for lane in self._lanes)
                    lane.give(task)
        return True

    def close(self) -> None:
        """Ends the workers at once; from another thread, this ends `results` too."""
        self._closed = True
        for lane in self._lanes:
            lane.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Lane:
    """A worker and the tasks that it has been given, in order; restarts what dies.

    A file is blamed for a death only if the worker was alive to take it: one that was dead before
    is started again, and given the same files.
    """

    def __init__(self, limits: Limits, program: str) -> None:
        self._limits = limits
        self._program = program
        self._worker: Worker | None = None
        self._ready = False
        self._taken = 0  # how many of the tasks the worker was alive to take
        self.tasks: deque[Task] = deque()
        self.deadline = 0.0  # for the first task

    @property
    def connection(self) -> Connection:
        return self._running().connection

    def start(self) -> None:
        self._running()

    def give(self, task: Task) -> None:
        if not self.tasks:
            self._start_clock()
        self.tasks.append(task)
        with suppress(WorkerDiedError, TimeoutError):  # `collect` finds out which task it was
            self._running().send(pack(request_for(task)))
            self._taken += 1

    def collect(self) -> Iterator[Outcome]:
        """The answer to the first task, or the failure that it is."""
        if not self._ready:
            self._running().await_ready()
            self._ready = True
            self._start_clock()
            return
        try:
            answer = unpack_answer(self._running().receive())
        except (WorkerDiedError, ValueError):
            yield from self._after_death()
            return
        except TimeoutError:
            yield self.give_up()
            return
        task = self.tasks.popleft()
        self._taken -= 1
        self._start_clock()
        yield self._outcome(task, answer)

    def give_up(self) -> Outcome:
        """The first task took too long."""
        if not self._ready:
            self._running().await_ready()
        return self._fail(Reason.TIMEOUT)

    def stop(self) -> None:
        if self._worker:
            self._worker.kill()
        self._worker, self._ready, self._taken = None, False, 0
        self.tasks.clear()

    def _after_death(self) -> Iterator[Outcome]:
        if self._taken:
            yield self._fail(Reason.DECODER_CRASH)
        else:
            self._restart_with(tuple(self.tasks))

    def _restart_with(self, tasks: Iterable[Task]) -> None:
        self.stop()
        for task in tasks:
            self.give(task)

    def _fail(self, reason: Reason) -> Outcome:
        culprit, *others = self.tasks
        self._restart_with(others)
        return self._outcome(culprit, Answer(reason=reason))

    def _outcome(self, task: Task, answer: Answer) -> Outcome:
        return outcome_of(task, answer, self._limits)

    def _start_clock(self) -> None:
        self.deadline = time.monotonic() + (self._limits.seconds if self._ready else START_SECONDS)

    def _running(self) -> Worker:
        if self._worker is None:
            self._worker = Worker(self._limits, self._program)
        return self._worker


def request_for(task: Task) -> Request:
    return Request(
        os.fsdecode(task.path).encode(errors="replace").decode(),
        task.path,
        task.wanted,
        is_path=True,
        follow=task.follow,
    )


def outcome_of(task: Task, answer: Answer, limits: Limits) -> Outcome:
    return Outcome(
        task,
        stamp=answer.stamp,
        content_hash=answer.content_hash,
        image=answer.image,
        reason=answer.reason,
        detail=limits.explain(answer, os.fsdecode(task.path)),
    )
