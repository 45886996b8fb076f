"""Every text of a run once, with its goal; and which of them a picture is read and said with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .corpus import Pair
from .shards import Meta
from .vocabulary import Lines

CHINESE = 0.45  # share of the texts


@dataclass
class Library:
    """Every text once, with its goal; and which texts a picture has."""

    texts: list[str] = field(default_factory=list)
    goals: list[Tensor] = field(default_factory=list)
    row_of: dict[str, int] = field(default_factory=dict)

    def add(self, text: str, goal: Tensor) -> int:
        """The row of `text`; the first goal that it was given stays."""
        if text not in self.row_of:
            self.row_of[text] = len(self.texts)
            self.texts.append(text)
            self.goals.append(goal)
        return self.row_of[text]


@dataclass
class Words:
    """Rows of the library: what is read and said of each picture, and the texts alone."""

    read_en: list[list[int]] = field(default_factory=list)
    read_zh: list[list[int]] = field(default_factory=list)
    say_en: list[list[int]] = field(default_factory=list)
    say_zh: list[list[int]] = field(default_factory=list)
    alone_en: list[int] = field(default_factory=list)
    alone_zh: list[int] = field(default_factory=list)


def collect(
    rows: list[Meta], pairs: list[Pair], goal_of: Callable[[list[str]], Tensor]
) -> tuple[Library, Words]:
    """`goal_of` gives (n, embed) unit vectors of English texts.

    Pairs come first: their Chinese says exactly what their English says, so its goal is exact too.
    """
    library, words = Library(), Words()
    for pair, goal in zip(pairs, _goals(pairs, goal_of), strict=True):
        words.alone_en += [library.add(pair.english, goal)] * pair.times
        words.alone_zh += [library.add(chinese, goal) for chinese in pair.chinese] * pair.times
    for row in rows:
        _collect_row(row, library, words, goal_of)
    return library, words


def _goals(pairs: list[Pair], goal_of: Callable[[list[str]], Tensor]) -> Tensor:
    """(n, embed) unit vectors: each text's own, and on the way to what tells it."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair.texts()))
    row_of = {text: row for row, text in enumerate(texts)}
    own = goal_of(texts)
    goals = own[[row_of[pair.english] for pair in pairs]]
    for row, pair in enumerate(pairs):
        if pair.told:
            mean = own[[row_of[text] for text in pair.told]].mean(0)
            goals[row] += pair.trust * functional.normalize(mean, dim=0)
    return functional.normalize(goals, dim=-1)


def _collect_row(
    row: Meta, library: Library, words: Words, goal_of: Callable[[list[str]], Tensor]
) -> None:
    human, made = row["human_en"], row["made_en"]
    goals = goal_of([*human, *made])
    en = [library.add(text, goal) for text, goal in zip([*human, *made], goals, strict=True)]
    near = goals[: len(human)] if human else goals[1:2] if len(made) > 1 else goals[:1]
    goal = functional.normalize(near.mean(0), dim=0)  # of Chinese that has no exact English
    human_zh = [library.add(text, goal) for text in row["human_zh"]]
    made_zh = [library.add(text, goal) for text in row["made_zh"]]
    words.read_en.append(en)
    words.read_zh.append(human_zh + made_zh)
    words.say_en.append(en[: len(human)] if human else en[:1])
    words.say_zh.append(human_zh if human_zh else made_zh[:1])


class Speaker:
    """Picks texts for pictures; knows no network."""

    def __init__(self, words: Words, lines: Lines, chance: np.random.Generator) -> None:
        self.words, self.lines, self.chance = words, lines, chance

    def to_read(self, rows: NDArray[np.int64]) -> list[int]:
        return [self._pick(self.words.read_en[i], self.words.read_zh[i])[0] for i in rows]

    def to_say(self, rows: NDArray[np.int64]) -> Tensor:
        """(n, context) ids, the language's token first."""
        picked = [self._pick(self.words.say_en[i], self.words.say_zh[i]) for i in rows]
        return self.lines.captions([p[0] for p in picked], [p[1] for p in picked])

    def alone(self, number: int) -> list[int]:
        """Rows of texts without a picture; none where there are none."""
        chinese = self._some(self.words.alone_zh, int(number * CHINESE))
        return chinese + self._some(self.words.alone_en, number - len(chinese))

    def _some(self, rows: list[int], number: int) -> list[int]:
        if not rows:
            return []
        return [rows[i] for i in self.chance.integers(len(rows), size=number)]

    def _pick(self, english: list[int], chinese: list[int]) -> tuple[int, bool]:
        speaks_chinese = bool(chinese) and self.chance.random() < CHINESE
        texts = chinese if speaks_chinese else english
        return texts[self.chance.integers(len(texts))], speaks_chinese
