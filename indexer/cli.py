"""The click group `indexer`; a command's module is imported when that command runs.

So `indexer --help` costs hardly more than starting Python.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

import click

from .options import Options, shared
from .signals import Terminated, listen

COMMANDS = {
    "add": "Index pictures: files and folders, as often as you like.",
    "sync": "Bring the library in step with its folders, removals included.",
    "remove": "Take pictures out of the library; the files stay.",
    "caption": "Write the captions that are missing.",
    "enrich": "Add what pictures lack that were indexed by an earlier version.",
    "reindex": "Make all vectors again, or change the library's model; searches go on.",
    "forget": "Free the space of a model that is not used any more.",
    "search": "Find pictures by words, by a picture, or by both.",
    "similar": "Find pictures that look like a file or like an image.",
    "describe": "Say what a picture shows: caption, tags, neighbours.",
    "rank": "Order texts by how well they say what a picture shows.",
    "classify": "Sort the pictures of a folder by labels of yours.",
    "status": "What the library holds, and from which folders.",
    "skipped": "Which files could not be indexed, and why.",
    "doctor": "Compare disk, database and index; repair what can be repaired.",
    "eval": "Measure how well and how fast this library finds.",
    "export": "Write the whole library as JSON lines.",
    "models": "The models that can be named.",
    "serve": "The web page and the JSON API.",
    "demo": "Draw a sample collection, index it and serve the page.",
}


class LazyGroup(click.Group):
    """Knows its commands by name and by one line; imports only the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"indexer.commands.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pomona", prog_name="indexer")
@shared
def cli(options: Options) -> None:
    """Pomona finds pictures by words, and words by pictures, on this machine alone.

    \b
    indexer add ./photos          index a folder
    indexer search "red apple"    find pictures, in English or Chinese
    indexer serve                 the same in a web page, with a JSON API
    """


def main() -> NoReturn:
    """Entry point: every error of ours ends here, as one line and an exit code."""
    listen()
    sys.exit(_run())


def _run() -> int:
    try:
        code = cli.main(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        _last_line(2, error.format_message())
        return 2
    except (KeyboardInterrupt, click.Abort):
        return _interrupted("interrupted", 130)
    except Terminated:
        return _interrupted("terminated", 143)
    except BrokenPipeError:
        sys.stdout = None  # nobody reads: end in silence
        return 0
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> int:
    """Ours and the system's have a message meant to be read; anything else is a bug of ours and
    keeps its traceback."""
    from search.disk import FULL, no_space
    from search.errors import ImageError, PomonaError

    if isinstance(error, OSError):
        why, where = error.strerror or str(error), error.filename
        about = why + (f": {where!r}" if where else "")
        error = no_space(where or "the disk", why) if error.errno in FULL else PomonaError(about)
    if not isinstance(error, PomonaError):
        import traceback

        traceback.print_exc()
        click.echo("This is a bug in Pomona: please report the lines above.", err=True)
        _last_line(1, f"{type(error).__name__}: {error}")
        return 1
    click.echo(f"indexer: {error}", err=True)
    code = {"reason": error.reason.value} if isinstance(error, ImageError) else {}
    _last_line(error.exit_code, str(error), **code)
    return error.exit_code


def _interrupted(how: str, code: int) -> int:
    click.echo(
        f"indexer: {how}. What was stored is safe; run the command again to go on.", err=True
    )
    _last_line(code, how)
    return code


def _last_line(code: int, message: str, **about: str) -> None:
    """With --json the last line is a summary, however the command ended."""
    if "--json" in sys.argv:
        import json

        for line in (
            {"message_type": "error", "message": message, **about, "exit_code": code},
            {"message_type": "summary", "ok": False, "exit_code": code},
        ):
            click.echo(json.dumps(line))
