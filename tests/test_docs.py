"""The documentation names everything that there is, and links lead somewhere."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from indexer.cli import COMMANDS
from search.errors import PomonaError, Reason
from search.filters import FILTERS, Choice
from search.models import MODELS
from search.settings import Settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """What stands below a heading of the second rank."""
    found = re.search(rf"^## `?{re.escape(title)}`?$(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"no section {title!r}"
    return found[1]


def error_types(base: type[PomonaError] = PomonaError) -> set[type[PomonaError]]:
    return {base}.union(*(error_types(kind) for kind in base.__subclasses__()))


@pytest.mark.parametrize("name", [n for n in Settings.model_fields if n != "library"])
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    row = re.search(
        rf"^\| `{name}` \| `POMONA_{name.upper()}` \| ([^|]*) \|", page("settings.md"), re.M
    )
    assert row, f"docs/settings.md has no row for {name}"
    default = Settings.model_fields[name].default
    if default not in (None, ()):
        assert f"`{default}`" in row[1]


def test_no_setting_is_documented_that_is_not_there() -> None:
    told = re.findall(r"^\| `(\w+)` \| `POMONA_", page("settings.md"), re.M)
    assert set(told) == set(Settings.model_fields)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_with_all_its_options(name: str) -> None:
    told = section(page("command-line.md"), name)
    told += page("filters.md") if "(filters.md)" in told else ""
    general = section(page("command-line.md"), "Options of every command")
    command: click.Command = import_module(f"indexer.commands.{name}").command
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            longest = max(parameter.opts, key=len)
            assert f"`{longest}" in told + general, f"{longest} of {name}"


def test_every_filter_is_documented_with_what_it_may_be() -> None:
    for kind in FILTERS:
        option = f"--{kind.name.replace('_', '-')}"
        row = re.search(rf"^\| `{kind.name}` \| `{option}` \|(.*)\|$", page("filters.md"), re.M)
        assert row, f"docs/filters.md has no row for {kind.name}"
        for value in kind.values.options if isinstance(kind.values, Choice) else ():
            assert f"`{value}`" in row[1]


def test_every_reason_and_exit_code_is_documented() -> None:
    text = page("command-line.md")
    assert {reason for reason in Reason if f"`{reason.value}`" not in text} == set()
    codes = {kind.exit_code for kind in error_types()}
    assert {code for code in codes if not re.search(rf"^\| {code} \|", text, re.M)} == set()


def test_every_model_is_documented() -> None:
    text = page("models.md")
    assert {model.name for model in MODELS if f"`{model.name}`" not in text} == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_commands_that_the_pages_show_exist() -> None:
    for path in PAGES:
        for block in re.findall(r"^```(?:sh|console)\n(.*?)^```", path.read_text(), re.M | re.S):
            for name in re.findall(r"^\$? ?(?:\.venv/bin/)?indexer (\w+)", block, re.M):
                assert name in COMMANDS, f"{path.name} shows `indexer {name}`"


def test_the_modules_that_the_architecture_names_are_those_that_there_are() -> None:
    """One line a module, in both directions: the map cannot go stale."""
    told = set(
        re.findall(r"^(?:pomona|search|indexer|web)/[\w/]+\.py", page("architecture.md"), re.M)
    )
    there = {
        module.relative_to(ROOT).as_posix()
        for package in ("pomona", "search", "indexer", "web")
        for module in [*(ROOT / package).glob("*.py"), *(ROOT / package).glob("towers/*.py")]
        if module.name not in ("__init__.py", "__main__.py")
    }
    assert there - told == set()
    assert {name for name in told if not (ROOT / name).exists()} == set()
