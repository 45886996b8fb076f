"""`indexer doctor`: compare disk, database and index; repair what can be repaired."""

from __future__ import annotations

from contextlib import suppress

import click

from search.errors import LibraryDamagedError
from search.findings import DAMAGE, Finding
from search.settings import Settings
from search.shapes.library import finding_json
from search.shapes.values import path_json
from search.store import Store, run_alone
from search.words import counted

from ..console import Console, printable, typed
from ..diagnosis import examine
from ..options import Options, shared
from ..repair import in_words
from ..repair import mend as repaired

INCOMPLETE = 3  # exit code: sound again, but not all of it is there


@click.command("doctor")
@click.option("--deep", is_flag=True, help="Check every row, vector and thumbnail.")
@click.option("--repair", "mend", is_flag=True, help="Drop what is damaged; sync makes it again.")
@click.option("--wait", is_flag=True, help="Wait for another run to end before a repair.")
@shared
def command(options: Options, deep: bool, mend: bool, wait: bool) -> None:
    """Compare disk, database and index.

    \b
    indexer doctor              does all that is indexed still lie where it was?
    indexer doctor --deep       and is every row and every thumbnail sound?
    indexer doctor --repair     look as --deep does, and repair what can be repaired

    --repair looks as --deep does. It drops damaged rows that come from the pictures (`indexer
    sync` makes them again) and never touches a picture. A damaged catalogue is copied, as far as
    it can be read, into a new one and kept aside. What was lost is named.

    Leaves with 0 if all is whole, with 13 if the catalogue is damaged, with 3 if a repair had to
    leave something out, with 1 if only the disk has moved on.
    """
    console = options.console()
    settings = options.settings()
    raise SystemExit(
        _repair(console, settings, wait) if mend else _examine(console, settings, deep)
    )


def _examine(console: Console, settings: Settings, deep: bool) -> int:
    problems = examine(settings, deep=deep)
    for problem in problems:
        _tell(console, problem, repairing=False)
    console.summary(_verdict(problems), ok=not problems, problems=len(problems), repaired=0)
    return _code(problems)


def _repair(console: Console, settings: Settings, wait: bool) -> int:
    with suppress(LibraryDamagedError):
        Store.open(settings).close()  # no library, no lock
    with run_alone(settings, "doctor", wait=wait):
        done = repaired(settings)
    for problem in done.found:
        _tell(console, problem, repairing=True)
    for line in in_words(done):
        console.say(console.advised(line))
    if done.to_add:
        console.say(console.advised("Of these folders only the path is left: `indexer add PATH`"))
    for path in done.to_add:
        console.say(f"  {printable(path)}")
    rescued = {"set_aside": str(done.rescued.kept)} if done.rescued else {}
    console.summary(
        _verdict(done.left, done.repaired),
        ok=done.whole,
        problems=len(done.left),
        repaired=done.repaired,
        lost=dict(done.lost),
        add_again=[path_json(path) for path in done.to_add],
        **rescued,
    )
    return INCOMPLETE if done.lost or done.to_add else _code(done.left)


def _code(problems: list[Finding]) -> int:
    if any(problem.code in DAMAGE for problem in problems):
        return LibraryDamagedError.exit_code
    return 1 if problems else 0


def _tell(console: Console, problem: Finding, *, repairing: bool) -> None:
    console.line("error", **finding_json(problem))
    where = "" if problem.path is None else f"  {printable(problem.path)}"
    remedy = problem.code.remedy
    if problem.path is not None:
        remedy = remedy.replace("PATH", typed(problem.path))
    advice = "" if repairing and "--repair" in remedy else f"  ({console.advised(remedy)})"
    console.say(f"{problem.code.value:<18}{problem.detail}{where}{advice}")


def _verdict(problems: list[Finding], count: int = 0) -> str:
    repaired = f"{count} repaired; now run `indexer sync`. " if count else ""
    if not problems:
        return repaired + "Disk, database and index agree."
    return repaired + f"{counted(len(problems), 'problem')}."
