"""Every `--help` teaches: an example, what each option does, and nothing that is not so."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import click
import pytest

from indexer.cli import COMMANDS


def command(name: str) -> click.Command:
    found: click.Command = import_module(f"indexer.commands.{name}").command
    return found


def shown(name: str) -> str:
    return command(name).get_help(click.Context(command(name), info_name=f"indexer {name}"))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_shows_how_it_is_typed(name: str) -> None:
    text = shown(name).partition("Options:")[0]
    assert f"\n  indexer {name}" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str) -> None:
    options = [each for each in command(name).params if isinstance(each, click.Option)]
    assert [option.opts for option in options if not option.help] == []


@pytest.mark.parametrize("name", ["sync", "search", "similar", "describe", "caption", "reindex"])
def test_the_default_model_is_the_library_s_own(name: str) -> None:
    (option,) = [each for each in command(name).params if each.name == "model"]
    assert isinstance(option, click.Option)
    assert "Default: the library's own" in str(option.help)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands_as_the_docs_say(shell: str) -> None:
    script = "import os, sys; sys.argv = ['indexer']; from indexer.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"_INDEXER_COMPLETE": f"{shell}_source", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert "_INDEXER_COMPLETE" in ran.stdout, ran.stderr
