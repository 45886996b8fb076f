"""Options that every command takes, before its name or after it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from search.errors import PomonaError
from search.home import advised, chosen

from .console import Console
from .fetching import tell

if TYPE_CHECKING:
    from search.settings import Settings


@dataclass(frozen=True)
class Options:
    """How the command talks, about which library, and with which models."""

    library: Path | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool = True
    model: str | None = None
    device: str | None = None
    captioner: str | None = None
    caption_language: str | None = None

    def settings(self, **flags: Any) -> Settings:
        """Read once a command; what is None was not given. `flags` stand above the options."""
        from search.settings import read_settings

        named = {name: getattr(self, name) for name in _MODELS}
        return read_settings(self.library, **named | flags)

    def console(self) -> Console:
        """Also hears of the models that are fetched."""
        console = Console(
            json=self.json,
            quiet=self.quiet,
            verbose=self.verbose,
            color=self.color,
            library=chosen(self.library),
        )
        tell(console)
        return console


_SHARED = (
    click.option(
        "--library",
        type=click.Path(path_type=Path),
        help="The library's folder. Default: POMONA_LIBRARY, else one of your user data.",
    ),
    click.option("--json", "json_", is_flag=True, default=None, help="JSON lines on stdout."),
    click.option(
        "-q", "--quiet", is_flag=True, default=None, help="Only results, and what is wrong."
    ),
    click.option(
        "-v",
        "--verbose",
        is_flag=True,
        default=None,
        help="Name files: skipped, removed, not followed.",
    ),
    click.option("--no-color", is_flag=True, default=None, help="Plain text."),
)


_MODELS = ("model", "device", "captioner", "caption_language")


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the shared options; the function gets them as one `Options`, merged with the group's.

    What `model_options` and `caption_options` ask for goes there too.
    """

    @functools.wraps(function)
    @click.pass_context
    def wrapped(
        ctx: click.Context,
        /,
        library: Path | None,
        json_: bool | None,
        quiet: bool | None,
        verbose: bool | None,
        no_color: bool | None,
        **rest: Any,
    ) -> Any:
        before = ctx.obj or Options(color="NO_COLOR" not in os.environ)
        ctx.obj = replace(
            before,
            library=library or before.library,
            json=json_ or before.json,
            quiet=quiet or before.quiet,
            verbose=verbose or before.verbose,
            color=before.color and not no_color,
            **{name: rest.pop(name) for name in _MODELS if name in rest},
        )
        with _advising(ctx.obj.library):
            return function(ctx.obj, **rest)

    for option in reversed(_SHARED):
        wrapped = option(wrapped)
    return wrapped


@contextmanager
def _advising(library: Path | None) -> Iterator[None]:
    """Commands that an error advises are written for this library."""
    try:
        yield
    except PomonaError as error:
        error.args = (advised(str(error), chosen(library)),)
        raise


def model_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where and with what the towers run."""
    function = click.option("--device", help="Where the model runs: auto, cpu, cuda or cuda:N.")(
        function
    )
    return click.option(
        "--model",
        help="Encoder; see `indexer models`. Default: the library's own; embedded for a new one.",
    )(function)


def caption_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Who writes captions, and in which language."""
    function = click.option(
        "--caption-language", type=click.Choice(["en", "zh"]), help="Language of new captions."
    )(function)
    return click.option("--captioner", help="A captioner apart from the model; none for none.")(
        function
    )


def absolute(path: bytes) -> bytes:
    """As given, but from the root of the file system; links are not resolved."""
    return os.path.normpath(os.path.join(os.getcwdb(), path))


paths_type = click.Path(path_type=bytes)
