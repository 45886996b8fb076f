"""One decoder process, as its owner sees it."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from socket import SO_RCVTIMEO, SO_SNDTIMEO, SOL_SOCKET, socket, socketpair

from search.details import over_limit
from search.errors import PomonaError, Reason
from search.refusals import note
from search.settings import Settings

from ..messages import Answer

PROGRAM = "indexer.worker"
START_SECONDS = 60.0  # for a worker to be ready
GRACE_SECONDS = 5.0  # a worker that nobody kills ends itself this much after its time


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost."""

    max_pixels: int
    seconds: float
    memory_bytes: int
    for_query: bool = False

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
            settings.query_decode_seconds,
            settings.query_decode_memory_mb * 1024 * 1024,
            for_query=True,
        )

    def explain(self, answer: Answer, uri: str) -> str:
        """Our words beside the reason, if there is one; the decoder's go to the log.

        A limit that was passed is named, with the setting that moves it.
        """
        if answer.reason is None:
            return ""
        note(uri, answer.reason, answer.said)
        decode, pixels = ("query_decode", "query") if self.for_query else ("decode", "max")
        if answer.reason is Reason.TIMEOUT:
            return over_limit(f"{self.seconds:g} s", f"{decode}_seconds")
        if answer.reason is Reason.OUT_OF_MEMORY:
            return over_limit(f"{self.memory_bytes // 2**20} MB", f"{decode}_memory_mb")
        if answer.reason is Reason.TOO_LARGE:
            return f"{answer.detail} (setting {pixels}_megapixels)"
        return answer.detail


class WorkerDiedError(Exception):
    """The process on the other end is gone."""


class Worker:
    """One decoder process and the socket to it."""

    def __init__(self, limits: Limits, program: str) -> None:
        ours, theirs = socketpair()
        _never_hang(ours, limits.seconds)
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
        """Raises WorkerDiedError, or TimeoutError where it does not take the message in time."""
        try:
            self.connection.send_bytes(message)
        except BlockingIOError as error:
            raise TimeoutError from error
        except OSError as error:
            raise WorkerDiedError from error

    def receive(self, seconds: float | None = None) -> bytes:
        """Raises WorkerDiedError, or TimeoutError where nothing, or not all, came in time."""
        try:
            if seconds is not None and not self.connection.poll(seconds):
                raise TimeoutError
            return self.connection.recv_bytes()
        except BlockingIOError as error:
            raise TimeoutError from error
        except (EOFError, ConnectionError) as error:
            raise WorkerDiedError from error

    def await_ready(self) -> None:
        """Raises PomonaError with what the process said if it cannot even start."""
        try:
            self.receive(START_SECONDS)
        except (WorkerDiedError, TimeoutError):
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip()[-500:]
            self.kill()
            raise PomonaError(f"a decoder process does not start: {said or 'no answer'}") from None

    def kill(self) -> None:
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):  # it may hang in the disk; nobody waits for that
            self._process.wait(1)
        self.connection.close()
        self._errors.close()


def cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _never_hang(end: socket, seconds: float) -> None:
    """A worker that stops in the middle of a message must not hold its owner."""
    most = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))  # a timeval
    end.setsockopt(SOL_SOCKET, SO_SNDTIMEO, most)
    end.setsockopt(SOL_SOCKET, SO_RCVTIMEO, most)


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


def _environment() -> dict[str, str]:
    """Thread pools of numpy's libraries reserve address space that the limit should not count."""
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
