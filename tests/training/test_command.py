"""The training's commands, run as one runs them: wrong paths and Ctrl-C are one line each."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from search.errors import ModelUnavailableError
from training import command


def ended_by(error: BaseException) -> str | int | None:
    def main() -> None:
        raise error

    with pytest.raises(SystemExit) as caught:
        command.run(main)
    return caught.value.code


def test_a_file_that_is_missing_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    for name, maker in (
        ("dataset.json", "training.prepare"),
        ("teacher.npy", "training.sentence_teacher"),
        ("tower.pt", "training.tower"),
        ("data.noun", "wordnet-base"),
        ("elsewhere.jsonl", "No such file"),
    ):
        missing = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(tmp_path / name))
        said = ended_by(missing)
        assert isinstance(said, str)
        assert str(tmp_path / name) in said
        assert maker in said
        assert "\n" not in said


def test_ctrl_c_says_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended_by(KeyboardInterrupt()) == 130
    assert "go on" in capsys.readouterr().err


def test_an_error_of_ours_is_its_message() -> None:
    assert ended_by(ModelUnavailableError("no model there")) == "no model there"
    assert "nonsense" in str(ended_by(RuntimeError("Unknown model (nonsense)")))


def test_a_bug_keeps_its_traceback() -> None:
    for bug in (RuntimeError("shapes differ"), KeyError("x")):

        def main(bug: Exception = bug) -> None:
            raise bug

        with pytest.raises(type(bug)):
            command.run(main)


def test_what_is_there_is_kept_unless_it_may_go(tmp_path: Path) -> None:
    tower = tmp_path / "tower.pt"
    command.keep(tower, again=False)
    tower.touch()
    command.keep(tower, again=True)
    with pytest.raises(SystemExit, match="--again"):
        command.keep(tower, again=False)
