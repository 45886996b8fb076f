"""Commands that we advise reach the library that they are about."""

from __future__ import annotations

import shlex
from pathlib import Path

import platformdirs
import pytest

from search.home import advised, chosen, command


@pytest.fixture(autouse=True)
def bare_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POMONA_LIBRARY", raising=False)


DEFAULT = Path(platformdirs.user_data_dir("pomona"))


def test_the_library_that_every_shell_finds_need_not_be_named() -> None:
    assert chosen() == DEFAULT
    assert command("add ./photos", DEFAULT) == "indexer add ./photos"


def test_another_library_is_named_and_quoted() -> None:
    library = Path("/home/me/my $pictures")
    typed = command("add ./photos", library)
    assert shlex.split(typed) == ["indexer", "add", "./photos", "--library", str(library)]


def test_what_the_environment_names_is_not_relied_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POMONA_LIBRARY", "/elsewhere")
    assert command("sync", Path("/elsewhere")) == "indexer sync --library /elsewhere"
    assert command("sync", DEFAULT) == f"indexer sync --library {shlex.quote(str(DEFAULT))}"


def test_every_command_of_a_message_is_written_for_the_library() -> None:
    message = "damaged: run `indexer doctor --repair`, then `indexer sync`. See `indexer models`."
    assert advised(message, Path("/lib")) == (
        "damaged: run `indexer doctor --repair --library /lib`, then "
        "`indexer sync --library /lib`. See `indexer models`."
    )
