"""Test sets: folders of pictures beside what should find them, and what is asked of them.

A captions.jsonl ({"file", "captions": [...], "captions_zh": [...]}) or a labels.jsonl ({"file",
"label", "label_zh", "query_tags": [...]}). Whatever is missing in a language is not asked for in
it. `training.hold_out` writes such folders; `training.evaluate` and `benchmarks.retrieval` read
them.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

FEWEST = 5  # a label with fewer pictures is no query
PHOTO = {"en": "a photo of {}", "zh": "一张{}的照片"}
TAGS_ZH = {"red apple": "红色苹果", "green apple": "青苹果"}
FILES = ("captions.jsonl", "labels.jsonl")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A query as it is asked, and the numbers of what it should find."""

    text: str
    right: frozenset[int]


class Testset:
    __test__ = False  # no test of pytest's

    def __init__(self, folder: Path, name: str, rows: list[Row], *, captioned: bool) -> None:
        self.folder, self.name, self.rows, self.captioned = folder, name, rows, captioned

    @classmethod
    def read(cls, file: Path) -> Self:
        with file.open() as lines:
            rows = [json.loads(line) for line in lines if line.strip()]
        folder = file.parent
        return cls(folder, folder.name, rows, captioned=file.name == "captions.jsonl")

    def part(self, rows: Sequence[int]) -> Testset:
        """Of these rows alone."""
        some = [self.rows[row] for row in rows]
        return Testset(self.folder, self.name, some, captioned=self.captioned)

    def questions(self, language: str, *, every_caption: bool = False) -> list[Question]:
        """A picture's first caption, or each of them; or every label that is not too rare."""
        if self.captioned:
            last = None if every_caption else 1
            told = enumerate(self.told(language))
            return [Question(c, frozenset([i])) for i, group in told for c in (group or [])[:last]]
        asked = {x: ids for x, ids in self.by_label(language).items() if len(ids) >= FEWEST}
        return [Question(PHOTO[language].format(x), ids) for x, ids in asked.items()]

    def tags(self, language: str) -> list[Question]:
        """Queries that the set itself brings; in Chinese those whose translation we know."""
        found = sorted({tag for row in self.rows for tag in row.get("query_tags", [])})
        text = {tag: tag if language == "en" else TAGS_ZH.get(tag) for tag in found}
        return [Question(x, self._tagged(tag)) for tag, x in text.items() if x]

    def by_label(self, language: str) -> dict[str, frozenset[int]]:
        """Label -> the numbers of its pictures."""
        labels = self.told(language)
        known = sorted(label for label in Counter(labels) if label)
        return {x: frozenset(i for i, y in enumerate(labels) if y == x) for x in known}

    def told(self, language: str) -> list[Any]:
        """What people say of each picture: its captions, or its label; nothing for some."""
        kind = "captions" if self.captioned else "label"
        return [row.get(kind if language == "en" else f"{kind}_zh") for row in self.rows]

    def _tagged(self, tag: str) -> frozenset[int]:
        return frozenset(i for i, row in enumerate(self.rows) if tag in row.get("query_tags", []))


def open_testsets(top: Path) -> list[Testset]:
    """Those below `top`, or the one that `top` is."""
    files = [*top.glob("*.jsonl"), *top.glob("*/*.jsonl")]
    return [Testset.read(file) for file in sorted(files) if file.name in FILES]


def joined(name: str, testsets: Sequence[Testset]) -> Testset:
    """All their pictures as one set, that of some by labels and of others by captions."""
    rows = [
        row | {"file": str(one.folder.resolve() / row["file"])}
        for one in testsets
        for row in one.rows
    ]
    return Testset(Path("/"), name, rows, captioned=all(one.captioned for one in testsets))


def folder_of_testsets(text: str) -> Path:
    """For argparse: a wrong folder is found before the training, not after its first epoch."""
    if not open_testsets(Path(text)):
        raise argparse.ArgumentTypeError(f"no captions.jsonl or labels.jsonl in {text}")
    return Path(text)
