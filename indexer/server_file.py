"""A running server of the same library: where it listens, and asking it.

A search on the command line takes seconds to load the model; a server has it loaded already.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

from search.errors import PomonaError, QueryError

READY_SECONDS = 1.0  # longest wait for a server's sign of life
ANSWER_SECONDS = 30.0
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextmanager
def announced(library: Path, url: str) -> Iterator[OSError | None]:
    """While inside, `server.json` (readable by its owner only) says where the server listens.

    Gives the system's error where it cannot be written: a full or read-only library is served
    all the same, only nobody finds the server by itself.
    """
    file = library / "server.json"
    refusal = _written(file, {"url": url, "pid": os.getpid()})
    try:
        yield refusal
    finally:
        with suppress(OSError, ValueError, KeyError):
            if json.loads(file.read_text())["pid"] == os.getpid():
                file.unlink()


def _written(file: Path, values: dict[str, Any]) -> OSError | None:
    part = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(values, out)
        os.replace(part, file)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        return error
    return None


def server_of(library: Path) -> str | None:
    """The address of a server of this library that is ready to answer, or None.

    After a kill -9 the file stays, and the server of another library may have the port by now.
    """
    try:
        announcement = json.loads((library / "server.json").read_text())
        url = str(announcement["url"]).rstrip("/")
        os.kill(int(announcement["pid"]), 0)  # raises OSError where there is no such process
        with _direct.open(f"{url}/readyz", timeout=READY_SECONDS) as answer:
            return url if answer.status == 200 else None
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None


def ask(url: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST /api/v1/search. Raises the error that the problem document tells, or PomonaError."""
    request = urllib.request.Request(
        f"{url}/api/v1/search",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with _direct.open(request, timeout=ANSWER_SECONDS) as answer:
            result: dict[str, Any] = json.load(answer)
            return result
    except urllib.error.HTTPError as error:
        kind = QueryError if error.code in (400, 422) else PomonaError
        raise kind(_detail(error)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise PomonaError(f"the server at {url} gave no answer ({error})") from None


def _detail(error: urllib.error.HTTPError) -> str:
    """In words; a few errors come from the server below the app, in plain text."""
    try:
        problem = json.load(error)
        return str(problem.get("detail") or problem["title"])
    except (OSError, ValueError, KeyError, AttributeError):
        return str(error)
