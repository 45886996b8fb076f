"""Commands that need load nothing first: a process that has it all forks one for each of them.

What a command does is what `python -m indexer` does; only its seconds of imports are saved.
Tests of what is imported, of signals and of processes that are killed start real ones instead.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NoReturn

from indexer.cli import COMMANDS

HEAVY = ("faiss", "open_clip", "timm", "search.towers.captioning")
OURS = ("indexer.__main__", "indexer.decoding", "search.bootstrap", "search.store.rescue")
FIRST = 4096  # bytes of a request's head; its length stands in them


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
        given = [os.fsdecode(argument) for argument in arguments]
        asked = json.dumps({"arguments": given, "cwd": str(cwd), "env": env}).encode()
        with tempfile.TemporaryFile() as request, _file() as out, _file() as err:
            request.write(asked)
            request.seek(0)
            socket.send_fds(self._socket, [b"."], [request.fileno(), out.fileno(), err.fileno()])
            code = int(self._socket.recv(FIRST))
            return code, _text(out), _text(err)

    def stop(self) -> None:
        self._socket.close()
        self._process.wait(60)


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def main(number: str) -> None:
    """Until the other side goes."""
    for name in (*HEAVY, *OURS, *(f"indexer.commands.{name}" for name in COMMANDS)):
        importlib.import_module(name)
    gc.freeze()  # a child that collects garbage would copy every page that it looks at
    served = socket.socket(fileno=int(number))
    while True:
        head, numbers, _, _ = socket.recv_fds(served, 1, 3)
        if not head:
            return
        child = os.fork()
        if not child:
            _become(*numbers)
        for opened in numbers:
            os.close(opened)
        _, status = os.waitpid(child, 0)
        served.send(str(os.waitstatus_to_exitcode(status)).encode())


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
        from indexer.__main__ import main as command

        command()
    except SystemExit as ended:
        code = _code(ended)
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
