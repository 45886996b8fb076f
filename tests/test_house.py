"""Promises about the whole house: what starts quickly, and what is not loaded for it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "open_clip", "faiss"}
NOT_FOR_STATUS = HEAVY | {"numpy", "PIL", "filelock", "flask", "alembic"}
NOT_FOR_HELP = NOT_FOR_STATUS | {"sqlalchemy", "pydantic", "timm"}


def cpu_seconds(command: list[str], *, best_of: int = 5, code: int = 0) -> float:
    """The least CPU time of some runs, children included: noise only ever adds."""
    times = []
    for _ in range(best_of):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended = subprocess.run(command, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert ended.returncode == code, ended.stderr.decode()
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def loaded(arguments: list[str]) -> set[str]:
    """Top-level modules that a run of `indexer` has imported when it ends."""
    script = (
        "import sys, indexer.cli as c\n"
        f"sys.argv = ['indexer', *{arguments!r}]\n"
        "try:\n    c.main()\nexcept SystemExit as e:\n    assert not e.code, e.code\n"
        "print('\\nLOADED', *{m.partition('.')[0] for m in sys.modules})\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.rpartition("LOADED")[2].split())


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library with one folder and no picture in it."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    folder = tmp_path / "library"
    add = [
        sys.executable,
        "-m",
        "indexer",
        "--library",
        str(folder),
        "add",
        str(tmp_path / "photos"),
    ]
    subprocess.run(add, capture_output=True, check=True)
    return folder


def test_help_costs_at_most_eight_times_the_start_of_python() -> None:
    bare = cpu_seconds([sys.executable, "-c", "pass"])
    helped = cpu_seconds([sys.executable, "-m", "indexer", "--help"])
    assert helped <= 8 * bare, f"{helped:.3f} s against {bare:.3f} s"


def test_help_loads_nothing_heavy() -> None:
    assert not loaded(["--help"]) & NOT_FOR_HELP


def test_status_is_quick_and_loads_neither_a_model_nor_numbers(library: Path) -> None:
    arguments = ["--library", os.fspath(library), "status"]
    assert not loaded(arguments) & NOT_FOR_STATUS
    bare = cpu_seconds([sys.executable, "-c", "pass"])
    asked = cpu_seconds([sys.executable, "-m", "indexer", *arguments])
    assert asked <= 32 * bare, f"{asked:.3f} s against {bare:.3f} s"


@pytest.mark.parametrize("command", ["skipped", "export", "models"])
def test_reading_commands_load_no_model(library: Path, command: str) -> None:
    assert not loaded(["--library", os.fspath(library), command]) & HEAVY


def test_adding_nothing_new_loads_no_model(library: Path) -> None:
    photos = os.fspath(library.parent / "photos")
    assert not loaded(["--library", os.fspath(library), "add", photos]) & HEAVY


def test_the_engine_is_imported_without_torch_or_faiss() -> None:
    script = "import sys, search, search.settings, web; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not {m.partition(".")[0] for m in ended.stdout.split()} & HEAVY


def test_only_the_sources_are_packaged_and_all_of_their_data() -> None:
    """The wheel holds our packages with the model, templates and styles: no tests."""
    import tomllib

    root = Path(__file__).parent.parent
    told = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert told["packages"]["find"]["include"] == [
        "pomona",
        "search*",
        "indexer*",
        "sample",
        "web*",
        "evaluation",
    ]
    for package, patterns in told["package-data"].items():
        for pattern in patterns:
            assert any((root / package).glob(pattern)), f"{package}/{pattern} holds nothing"
