"""`indexer serve`: the web page and the JSON API."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import click

from ..options import Options, model_options, shared
from ..server_file import announced

if TYPE_CHECKING:
    from search.settings import Settings

LOCAL = {"127.0.0.1", "::1", "localhost"}


def address_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where to listen. The function gets `host` and `port` once it is sure that they are meant."""

    @functools.wraps(function)
    def wrapped(*args: Any, host: str, insecure_no_auth: bool, **rest: Any) -> Any:
        if host not in LOCAL and not insecure_no_auth:
            raise click.UsageError(
                f"{host} can be reached from other machines, and there is no log-in yet: "
                "say --insecure-no-auth if everyone there may see every picture"
            )
        return function(*args, host=host, **rest)

    for option in (
        click.option(
            "--insecure-no-auth",
            is_flag=True,
            help="Listen beyond this machine although anyone there can then see every picture.",
        ),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=8765,
            show_default=True,
            help="0: any free port.",
        ),
        click.option(
            "--host", default="127.0.0.1", show_default=True, help="Address to listen at."
        ),
    ):
        wrapped = option(wrapped)
    return wrapped


@click.command("serve")
@address_options
@model_options
@shared
def command(
    options: Options,
    host: str,
    port: int,
) -> None:
    """Serve the web page and the JSON API; Ctrl-C ends it.

    \b
    indexer serve
    indexer serve --port 0        any free port; its address is printed

    The library may be empty, and may be indexed while it is served.
    """
    serve(options, host, port, options.settings())


def serve(options: Options, host: str, port: int, settings: Settings) -> None:
    """Until Ctrl-C or SIGTERM; `server.json` in the library says where, for `indexer search`."""
    from search.index import check_index
    from web import create_app
    from web.server import serve_forever

    from ..decoding import PoolDecoder

    console = options.console()
    check_index(settings.index)  # before a page says for ever that it cannot be opened
    _make_where_there_is_none(settings)
    with ExitStack() as stack:
        decoder = stack.enter_context(closing(PoolDecoder.of(settings)))
        app = create_app(settings, decoder=decoder)

        def ready(url: str) -> None:
            refusal = stack.enter_context(announced(settings.library, url))
            if refusal:
                console.note(
                    f"The library cannot be written to ({refusal.strerror}), so `indexer search` "
                    "does not find this server and loads the model itself."
                )
            if host not in LOCAL:
                console.note(f"Everyone who can reach {host or 'this machine'} sees every picture.")
            console.line("status", stage="serving", url=url)
            console.say(f"Pomona is at {url}   (Ctrl-C ends it)")

        serve_forever(app, host, port, ready)
    console.line("summary", ok=True)


def _make_where_there_is_none(settings: Settings) -> None:
    """An empty page is better than none. A library that is there may be on a full disk."""
    from search.errors import NoLibraryError
    from search.store import Store

    try:
        Store.open(settings).close()
    except NoLibraryError:
        Store.create(settings).close()
