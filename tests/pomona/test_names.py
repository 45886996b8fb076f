"""A foreign `search` or `web` in the way is named, and not taken for a bug."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from pomona.names import SIGNS, hidden

ROOT = Path(__file__).parents[2]


def run_in(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Python in `folder`, which comes before the project on the path, as a script's own folder."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{ROOT}", "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_hides_our_own_packages() -> None:
    assert hidden() is None


def test_each_sign_stands_in_its_own_package_only() -> None:
    for name, sign in SIGNS.items():
        found = find_spec(name)
        assert found is not None
        assert found.origin is not None
        assert sign in Path(found.origin).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["search", "web"])
def test_a_module_of_the_same_name_beside_a_script_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("print('somebody else')\n")
    ended = run_in(tmp_path, "-c", "import pomona; pomona.open()")
    assert ended.returncode == 1
    assert f"{tmp_path / name}.py is not Pomona's package {name!r}" in ended.stderr
    assert "somebody else" not in ended.stdout


def test_the_command_names_it_too_instead_of_calling_it_a_bug(tmp_path: Path) -> None:
    (tmp_path / "search.py").write_text("")
    ended = run_in(tmp_path, "-m", "indexer", "--library", "library", "status", "--json")
    assert ended.returncode == 1
    assert "search.py is not Pomona's package 'search'" in ended.stderr
    assert "bug" not in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout.splitlines()[-1] == (
        '{"message_type": "summary", "ok": false, "exit_code": 1}'
    )


def test_a_package_that_another_one_has_overwritten_is_named(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "__init__.py").write_text('"""A web framework."""\n')
    ended = run_in(tmp_path, "-m", "indexer", "--library", "library", "serve", "--port", "0")
    assert ended.returncode == 1
    assert "is not Pomona's package 'web'" in ended.stderr
    assert "virtual environment" in ended.stderr
