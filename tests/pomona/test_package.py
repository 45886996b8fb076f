"""What a stranger meets: names by Tab, types, a licence."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import pomona
import search

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", [pomona, search])
def test_tab_offers_exactly_the_public_names(module: object) -> None:
    public = set(module.__all__)  # type: ignore[attr-defined]
    assert public == {name for name in dir(module) if not name.startswith("__")}
    assert all(getattr(module, name) is not None for name in public)


def test_pomona_opens_libraries_and_says_its_version() -> None:
    assert {"open", "Library", "Filters", "PomonaError"} <= set(dir(pomona))
    assert pomona.__version__


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = pomona.nonsense


def test_importing_it_loads_neither_torch_nor_faiss() -> None:
    script = "import sys, pomona; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in ended.stdout.split()}
    assert not loaded & {"torch", "faiss", "numpy", "sqlalchemy"}


def test_a_type_checker_sees_our_types(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        "import pomona\n"
        "with pomona.open('LIB') as library:\n"
        "    reveal_type(library.search('red apple').hits)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", str(script)],  # as `make lint`: it finds that one's cache
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "tuple[pomona.results.Hit, ...]" in ended.stdout


def test_the_licence_is_there_and_every_package_says_that_it_is_typed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    for package, patterns in project["tool"]["setuptools"]["package-data"].items():
        assert "py.typed" in patterns
        assert (ROOT / package / "py.typed").is_file()
