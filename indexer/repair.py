"""`doctor --repair`: what it does in which order, and what it came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from search.findings import STRUCTURE, Finding
from search.settings import Settings
from search.store import Store
from search.store.rescue import Rescued, rescue
from search.store.trust import MADE_AGAIN
from search.words import counted

from .diagnosis import examine, repair

ROUNDS = 3  # what lies behind the first problems shows when these are gone
KINDS = {
    "attribute": "picture's fact",
    "caption_by_people": "human caption",
    "embedding": "vector",
    "encoder": "model",
    "exclusion": "removed picture",
    "failure": "skipped file",
    "image": "picture",
    "location": "file's place",
    "part": "picture's part",
    "removed_path": "removed path",
    "root": "folder",
}


@dataclass
class Repair:
    found: list[Finding]  # before
    left: list[Finding]  # after
    repaired: int = 0
    lost: Counter[str] = field(default_factory=Counter)  # rows that are gone, by kind
    rescued: Rescued | None = None

    @property
    def whole(self) -> bool:
        return not (self.left or self.lost or self.to_add)

    @property
    def to_add(self) -> list[bytes]:
        """Folders to be added again."""
        return self.rescued.in_part if self.rescued else []


def mend(settings: Settings) -> Repair:
    """Repair what can be repaired; the run lock is held. Raises DiskError, NoSpaceError."""
    found = examine(settings, deep=True)
    done = Repair(found, found)
    if any(problem.code in STRUCTURE for problem in found):
        done.rescued = rescue(settings)
        done.lost.update(done.rescued.lost)
        done.repaired += 1
        done.left = examine(settings, deep=True)
    for _ in range(ROUNDS):
        if not done.left or not _mend_rows(settings, done):
            break
    return done


def _mend_rows(settings: Settings, done: Repair) -> bool:
    """Whether anything could be done."""
    with Store.open(settings) as store:
        repaired, lost = repair(store, settings, done.left)
    if not (repaired or lost):
        return False
    done.repaired += repaired
    done.lost.update(lost)
    done.left = examine(settings, deep=True)
    return True


def in_words(done: Repair) -> list[str]:
    """In words, a line each."""
    lines = []
    if done.rescued:
        lines.append(
            "The catalogue was damaged. What could be read and trusted was copied into a new one; "
            f"the damaged one is kept in {done.rescued.kept}."
        )
    if done.lost:
        lines.append(f"Lost, at least: {', '.join(_counted(done.lost))}.")
    lines += _what_to_do(done)
    return lines


def _counted(lost: Counter[str]) -> list[str]:
    if "catalogue" in lost:
        return ["everything, for nothing of the file could be read"]
    return [counted(count, KINDS.get(kind, kind)) for kind, count in sorted(lost.items())]


def _what_to_do(done: Repair) -> list[str]:
    by_people = [kind for kind in done.lost if kind not in MADE_AGAIN]
    lines = []
    if {"exclusion", "removed_path"} & done.lost.keys():
        lines.append("Pictures that were removed may be back after the next `indexer add`.")
    if done.lost and not by_people:
        lines.append("All of that comes from your pictures: `indexer sync` makes it again.")
    if {"catalogue", "root"} & done.lost.keys():
        lines.append("Folders are missing: run `indexer add` on your folders again.")
    return lines
