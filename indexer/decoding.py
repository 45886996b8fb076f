"""Decoder processes: they live long, read the files themselves, and may die.

Each worker is a bare Python that imports Pillow but no torch, under a memory limit and a clock. It
gets one file after the other through a socket of its own and answers with plain data: JSON and
pixels, never pickles, so that a worker that a hostile file has taken over can tell lies about
that file and nothing more. A worker that dies is started again; the file that killed it is a
failure like any other and is not tried a second time.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from socket import socketpair
from types import TracebackType
from typing import Self

from search.details import over_limit
from search.errors import ImageError, OverloadedError, PomonaError, Reason
from search.records import Crop, DecodedImage, FileStamp, Preprocessing
from search.refusals import note
from search.settings import Settings

from .messages import Answer, Request, pack, unpack_answer

PROGRAM = "indexer.worker"
START_SECONDS = 60.0  # for a worker to be ready
GRACE_SECONDS = 5.0  # a worker that nobody kills ends itself this much after its time
AHEAD = 2  # files that a worker is given at once: it never waits for this process


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost."""

    max_pixels: int
    seconds: float
    memory_bytes: int
    setting: str = "max_megapixels"  # where `max_pixels` comes from

    @classmethod
    def for_files(cls, settings: Settings) -> Limits:
        return cls(
            settings.max_megapixels * 1_000_000,
            settings.decode_seconds,
            settings.decode_memory_mb * 1024 * 1024,
        )

    @classmethod
    def for_queries(cls, settings: Settings) -> Limits:
        return cls(
            settings.query_megapixels * 1_000_000,
            settings.decode_seconds,
            settings.decode_memory_mb * 1024 * 1024,
            "query_megapixels",
        )

    def explain(self, reason: Reason, detail: str = "") -> str:
        """`detail` with the limit that was passed, and the setting that moves it."""
        if reason is Reason.TIMEOUT:
            return over_limit(f"{self.seconds:g} s", "decode_seconds")
        if reason is Reason.OUT_OF_MEMORY:
            return over_limit(f"{self.memory_bytes // 2**20} MB", "decode_memory_mb")
        return f"{detail} (setting {self.setting})" if reason is Reason.TOO_LARGE else detail


@dataclass(frozen=True, slots=True)
class Task:
    """One file to read. `wanted` None: its hash only."""

    index: int  # the caller's own number for it
    path: bytes  # absolute
    wanted: tuple[Preprocessing, ...] | None
    follow: bool = False  # through a symbolic link: for files that were named themselves


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: `image`, or only `content_hash`, or a `reason`."""

    task: Task
    stamp: FileStamp | None = None  # of the bytes that were read
    content_hash: str | None = None
    image: DecodedImage | None = None
    reason: Reason | None = None
    detail: str = ""


class WorkerDiedError(Exception):
    """The process on the other end is gone."""


class Worker:
    """One decoder process and the socket to it."""

    def __init__(self, limits: Limits, program: str) -> None:
        ours, theirs = socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, *_arguments(program, theirs.fileno(), limits)],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env=_environment(),
                process_group=0,  # Ctrl-C is for us; the worker ends when the socket closes
            )
        finally:
            theirs.close()
        self.connection = Connection(ours.detach())

    def send(self, message: bytes) -> None:
        try:
            self.connection.send_bytes(message)
        except OSError as error:
            raise WorkerDiedError from error

    def receive(self, seconds: float | None = None) -> bytes:
        """Raises WorkerDiedError, or TimeoutError where nothing came in time."""
        try:
            if seconds is not None and not self.connection.poll(seconds):
                raise TimeoutError
            return self.connection.recv_bytes()
        except (EOFError, ConnectionError) as error:
            raise WorkerDiedError from error

    def await_ready(self) -> None:
        """Raises PomonaError with what the process said if it cannot even start."""
        try:
            self.receive(START_SECONDS)
        except (WorkerDiedError, TimeoutError):
            self._errors.seek(0)
            told = self._errors.read().decode(errors="replace").strip()[-500:]
            self.kill()
            raise PomonaError(f"a decoder process does not start: {told or 'no answer'}") from None

    def kill(self) -> None:
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):  # it may hang in the disk; nobody waits for that
            self._process.wait(1)
        self.connection.close()
        self._errors.close()


class DecoderPool:
    """Reads and decodes many files, several at a time, results in the order of completion."""

    def __init__(self, workers: int, limits: Limits, program: str = PROGRAM) -> None:
        """`workers` 0: one a core. `program`: the module whose `main` a worker runs."""
        self._lanes = [_Lane(limits, program) for _ in range(workers or _cores())]
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
    """A worker and the tasks that it has been given, in order; restarts what dies."""

    def __init__(self, limits: Limits, program: str) -> None:
        self._limits = limits
        self._program = program
        self._worker: Worker | None = None
        self._ready = False
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
        with suppress(WorkerDiedError):  # `collect` finds out which task it was
            self._running().send(_request(task))

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
            yield self._fail(Reason.DECODER_CRASH)
            return
        task = self.tasks.popleft()
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
        self._worker, self._ready = None, False
        self.tasks.clear()

    def _fail(self, reason: Reason) -> Outcome:
        culprit, *others = self.tasks
        self.stop()
        for task in others:
            self.give(task)
        return self._outcome(culprit, Answer(reason=reason))

    def _outcome(self, task: Task, answer: Answer) -> Outcome:
        return Outcome(
            task,
            stamp=answer.stamp,
            content_hash=answer.content_hash,
            image=answer.image,
            reason=answer.reason,
            detail=_explained(answer, self._limits, os.fsdecode(task.path)),
        )

    def _start_clock(self) -> None:
        self.deadline = time.monotonic() + (self._limits.seconds if self._ready else START_SECONDS)

    def _running(self) -> Worker:
        if self._worker is None:
            self._worker = Worker(self._limits, self._program)
        return self._worker


class PoolDecoder:
    """A Decoder for pictures of strangers: bytes in, picture out, each in a process apart.

    Safe to call from many threads; as many pictures are decoded at once as there are workers.
    """

    def __init__(self, workers: int, limits: Limits, program: str = PROGRAM) -> None:
        self._limits = limits
        self._program = program
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(workers or _cores()):
            self._idle.put(None)  # started at its first picture

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.workers, Limits.for_queries(settings))

    def decode(
        self,
        data: bytes,
        wanted: Sequence[Preprocessing],
        *,
        uri: str,
        crop: Crop | None = None,
    ) -> DecodedImage:
        """Raises ImageError, or OverloadedError where no worker gets free in time."""
        try:
            worker = self._idle.get(timeout=self._limits.seconds)
        except queue.Empty:
            raise OverloadedError("too many pictures are waiting to be decoded") from None
        back: Worker | None = None
        try:
            back = worker or self._started()
            return self._ask(back, Request(uri, data, tuple(wanted), crop=crop))
        except ImageError:
            raise
        except (WorkerDiedError, TimeoutError, ValueError) as error:
            _discard(back)
            back = None
            late = isinstance(error, TimeoutError)
            reason = Reason.TIMEOUT if late else Reason.DECODER_CRASH
            raise ImageError(uri, reason, self._limits.explain(reason)) from error
        except BaseException:
            _discard(back)
            back = None
            raise
        finally:
            self._idle.put(back)

    def close(self) -> None:
        """Ends the idle workers; the busy ones end with this process."""
        with suppress(queue.Empty):
            while True:
                _discard(self._idle.get_nowait())

    def _started(self) -> Worker:
        worker = Worker(self._limits, self._program)
        worker.await_ready()
        return worker

    def _ask(self, worker: Worker, request: Request) -> DecodedImage:
        worker.send(pack(request))
        answer = unpack_answer(worker.receive(self._limits.seconds))
        if answer.image is None:
            detail = _explained(answer, self._limits, request.uri)
            raise ImageError(request.uri, answer.reason or Reason.DECODER_CRASH, detail)
        return answer.image


def _discard(worker: Worker | None) -> None:
    if worker:
        worker.kill()


def _request(task: Task) -> bytes:
    return pack(
        Request(
            os.fsdecode(task.path).encode(errors="replace").decode(),
            task.path,
            task.wanted,
            is_path=True,
            follow=task.follow,
        )
    )


def _explained(answer: Answer, limits: Limits, uri: str) -> str:
    """Our words beside the reason, if there is one; the decoder's go to the log."""
    if answer.reason is None:
        return ""
    note(uri, answer.reason, answer.said)
    return limits.explain(answer.reason, answer.detail)


# Not multiprocessing's spawn: that imports the caller's main module a second time in each worker.
_START = """
import importlib, json, sys
program, path, *arguments = sys.argv[1:]
sys.path[:] = json.loads(path)
importlib.import_module(program).main(*arguments)
"""


def _arguments(program: str, socket: int, limits: Limits) -> Iterator[str]:
    yield program
    yield json.dumps(sys.path)
    yield str(socket)
    yield str(limits.max_pixels)
    yield str(limits.seconds + GRACE_SECONDS)
    yield str(limits.memory_bytes)


def _cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _environment() -> dict[str, str]:
    """Thread pools of numpy's libraries reserve address space that the limit should not count."""
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
