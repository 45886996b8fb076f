"""`indexer doctor`: compare disk, database and index; repair what can be repaired."""

from __future__ import annotations

from contextlib import ExitStack

import click

from search.errors import LibraryDamagedError
from search.locks import run_lock
from search.records import Problem
from search.serialization import problem_json
from search.settings import Settings
from search.store import Store
from search.words import counted

from ..console import Console, printable
from ..diagnosis import BEYOND_REPAIR, DAMAGE, diagnose, repair, set_aside
from ..options import Options, shared

REPAIR = "run `indexer doctor --repair`"
REMEDIES = {
    "root_missing": "mount its disk, or `indexer remove PATH` if it is gone for good",
    "file_missing": "run `indexer sync`",
    "file_changed": "run `indexer sync`",
    "vector_missing": "run `indexer doctor --repair`, then `indexer sync`",
}


@click.command("doctor")
@click.option("--deep", is_flag=True, help="Read every row and check its checksum and vector.")
@click.option("--repair", "mend", is_flag=True, help="Drop what is damaged; sync makes it again.")
@click.option("--wait", is_flag=True, help="Wait for another run to end before a repair.")
@shared
def command(options: Options, deep: bool, mend: bool, wait: bool) -> None:
    """Compare disk, database and index.

    \b
    indexer doctor              does all that is indexed still lie where it was?
    indexer doctor --deep       and is every row sound?
    indexer doctor --repair     look as --deep does, and repair what can be repaired

    --repair looks as --deep does. It only drops what comes from the pictures (vectors, thumbnails,
    captions of the machine) and never touches a picture. Leaves with 13 if the catalogue is
    damaged, with 1 if only the disk has moved on.
    """
    console = options.console()
    settings = options.settings()
    try:
        code = _examine(console, settings, deep, mend, wait)
    except LibraryDamagedError as error:
        if not mend:
            raise
        with run_lock(settings.library, "doctor", wait=wait):
            kept = set_aside(settings)
            Store.create(settings).close()
        console.line("error", code="database_damaged", path=None, detail=str(error))
        console.summary(
            f"The catalogue could not be read and was set aside in {kept}.\n"
            "A new one is in its place: run `indexer add` on your folders again.",
            ok=True,
            problems=1,
            set_aside=kept,
        )
        return
    raise SystemExit(code)


def _examine(console: Console, settings: Settings, deep: bool, mend: bool, wait: bool) -> int:
    """A repair looks deep: else the first damaged row it meets would cost the whole catalogue."""
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(settings))
        if mend:  # what another run is about to use is nothing to be dropped
            stack.enter_context(run_lock(settings.library, "doctor", wait=wait))
        problems = list(diagnose(store, deep=deep or mend))
        for problem in problems:
            _tell(console, problem, repairing=mend)
        mended = 0
        if mend:
            problems, mended = _mend(store, settings, problems)
    ok = not problems
    console.summary(_verdict(problems, mended), ok=ok, problems=len(problems), repaired=mended)
    if any(problem.code in DAMAGE for problem in problems):
        return LibraryDamagedError.exit_code
    return 0 if ok else 1


def _mend(store: Store, settings: Settings, problems: list[Problem]) -> tuple[list[Problem], int]:
    """What is left, and how much was repaired: what damaged rows hid shows when these are gone."""
    mended = 0
    while problems and (done := repair(store, settings, problems)):
        mended += done
        problems = list(diagnose(store, deep=True))
        if lost := [p for p in problems if p.code in BEYOND_REPAIR]:
            raise LibraryDamagedError(lost[0].detail)
    return problems, mended


def _tell(console: Console, problem: Problem, *, repairing: bool) -> None:
    console.line("error", **problem_json(problem))
    where = "" if problem.path is None else f"  {printable(problem.path)}"
    remedy = REMEDIES.get(problem.code, REPAIR)
    advice = "" if repairing and "--repair" in remedy else f"  ({console.advised(remedy)})"
    console.say(f"{problem.code:<18}{problem.detail}{where}{advice}")


def _verdict(problems: list[Problem], mended: int) -> str:
    repaired = f"{mended} repaired; now run `indexer sync`. " if mended else ""
    if not problems:
        return repaired + "Disk, database and index agree."
    return repaired + f"{counted(len(problems), 'problem')}."
