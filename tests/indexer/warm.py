"""Commands that need load nothing first: a process that has it all forks one for each of them.

What a command does is what `python -m indexer` does; only its seconds of imports are saved.
Tests of what is imported and of signals start real ones instead.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from indexer.cli import COMMANDS

HEAVY = ("faiss", "open_clip", "timm", "search.towers.captioning")
OURS = ("indexer.__main__", "indexer.decoding", "search.bootstrap", "search.store.rescue")
FIRST = 4096  # ends of children that are heard of at once


@dataclass
class Running:
    """A command that has begun."""

    pid: int
    out: IO[bytes]
    err: IO[bytes]
    ended: IO[bytes]  # gives its exit code, once

    def wait(self) -> tuple[int, str, str]:
        """Exit code, stdout and stderr, when it has ended; minus the signal that has killed it."""
        with self.ended, self.out, self.err:
            return int(self.ended.readline()), _text(self.out), _text(self.err)


class Warm:
    """The process, as a test sees it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", "tests.indexer.warm", str(number)]
            self._process = subprocess.Popen(command, pass_fds=[number])
        self._socket = ours

    def run(
        self, arguments: Sequence[str | bytes], cwd: Path, env: dict[str, str]
    ) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of `indexer ARGUMENTS`."""
        return self.begin(arguments, cwd, env).wait()

    def begin(
        self,
        arguments: Sequence[str | bytes],
        cwd: Path,
        env: dict[str, str],
        program: str = "indexer.__main__",
    ) -> Running:
        """`python -m PROGRAM ARGUMENTS`, for a program whose `main` reads sys.argv."""
        given = [os.fsdecode(argument) for argument in arguments]
        asked = {"program": program, "arguments": given, "cwd": str(cwd), "env": env}
        read, write = os.pipe()
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - theirs too
        with tempfile.TemporaryFile() as request, os.fdopen(write, "wb"):
            request.write(json.dumps(asked).encode())
            request.seek(0)
            files = [request.fileno(), out.fileno(), err.fileno(), write]
            socket.send_fds(self._socket, [b"."], files)
            ended = os.fdopen(read, "rb")
            return Running(int(ended.readline()), out, err, ended)

    def stop(self) -> None:
        self._socket.close()
        self._process.wait(60)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def main(number: str) -> None:
    """Until the other side goes."""
    for name in (*HEAVY, *OURS, *(f"indexer.commands.{name}" for name in COMMANDS)):
        importlib.import_module(name)
    gc.freeze()  # a child that collects garbage would copy every page that it looks at
    served = socket.socket(fileno=int(number))
    ends, told = os.pipe()
    for end in (ends, told):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    waiting: dict[int, int] = {}  # child -> where its end is told
    while True:
        if served in select.select([served, ends], [], [])[0]:
            head, numbers, _, _ = socket.recv_fds(served, 1, 4)
            if not head:
                return
            child, ended = _begin(*numbers)
            waiting[child] = ended
        else:
            os.read(ends, FIRST)
            _tell_ends(waiting)


def _begin(request: int, out: int, err: int, ended: int) -> tuple[int, int]:
    child = os.fork()
    if not child:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(ended)
        _become(request, out, err)
    for opened in (request, out, err):
        os.close(opened)
    os.write(ended, b"%d\n" % child)
    return child, ended


def _tell_ends(waiting: dict[int, int]) -> None:
    for child in list(waiting):
        if (of := os.waitpid(child, os.WNOHANG))[0]:
            with os.fdopen(waiting.pop(child), "wb") as ended, suppress(BrokenPipeError):
                ended.write(b"%d\n" % os.waitstatus_to_exitcode(of[1]))


def _become(request: int, out: int, err: int) -> NoReturn:
    """The command, to its end."""
    asked = json.loads(os.fdopen(request, "rb").read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["indexer", *asked["arguments"]]
    code = 1
    try:
        importlib.import_module(asked["program"]).main()
        code = 0
    except SystemExit as ended:
        code = _code(ended)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _code(ended: SystemExit) -> int:
    if ended.code is None or isinstance(ended.code, int):
        return ended.code or 0
    print(ended.code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    main(*sys.argv[1:])
