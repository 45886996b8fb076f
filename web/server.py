"""One process, a few threads, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

from flask import Flask
from waitress.server import create_server

from search.errors import PomonaError

from .app_state import state_of
from .limits import MAX_BODY, THREADS
from .security import answer_to

CONNECTIONS = 200
IDLE_SECONDS = 60


def serve_forever(
    app: Flask, host: str, port: int, on_ready: Callable[[str], None] = lambda url: None
) -> None:
    """Serve `app` until SIGTERM or SIGINT; port 0 takes any free one.

    `on_ready` gets the address once requests are accepted. Raises PomonaError where the address
    cannot be bound. One process: the model and the index are in memory once.
    """
    listening = _listen(host.strip("[]"), port)
    server = create_server(
        app,
        sockets=[listening],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        ident=None,
        # Ours is the limit that answers in problem+json; this one stops what is far beyond it.
        max_request_body_size=2 * MAX_BODY,
    )
    answer_to(app, host)
    # A queue is nothing to warn of: the limit of admission bounds it.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    state_of(app).admission.backlog = lambda: len(server.task_dispatcher.queue)
    _stop_on_signals()
    try:
        on_ready(f"http://{_shown(host)}:{listening.getsockname()[1]}")
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        state_of(app).opening.stop()
        server.close()
        server.task_dispatcher.shutdown()


def _listen(host: str, port: int) -> socket.socket:
    """One socket, so that port 0 means one port also where a name has several addresses."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or "0.0.0.0", port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise PomonaError(
            f"cannot listen at {_shown(host)}:{port}: {error.strerror or error}. "
            "Is a server running there already? Another --port will do, 0 takes any free one."
        ) from None
    return listening


def _stop_on_signals() -> None:
    """Where there are signals to be had: only the main thread may ask for them."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & had it ignored


def _stop(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _shown(host: str) -> str:
    """An address that a browser on this machine can open."""
    bare = host.strip("[]")
    if bare in ("", "0.0.0.0"):
        return "127.0.0.1"
    if bare == "::":
        return "[::1]"
    return f"[{bare}]" if ":" in bare else bare
