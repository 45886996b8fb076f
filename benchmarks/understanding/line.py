"""The honest line: is nothing said to match where nothing does, and everything where much does?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from evaluation import queries
from evaluation.testsets import Question
from search.threshold import STRONG

from .case import Answer, Case, opened, words
from .figures import Figure, Place

LANGUAGES = ("en", "zh")
SIZES = (50, 200)
BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer beside its truth."""

    answer: Answer
    right: frozenset[int]

    @property
    def hits(self) -> list[bool]:
        """Of each picture above the line, whether it is right."""
        return [row in self.right for row in self.answer.found]

    def part(self, least: float) -> tuple[float, float | None]:
        """Recall, and precision if there is anything, of pictures that score no less."""
        kept = [
            right
            for right, score in zip(self.hits, self.answer.scores, strict=True)
            if score >= least
        ]
        return sum(kept) / len(self.right), fmean(kept) if kept else None


def figures(case: Case) -> Iterator[Figure]:
    yield from whole(case)
    yield from smaller(case)


def whole(case: Case) -> Iterator[Figure]:
    for language in LANGUAGES:
        for kind, asked in unanswered(case, language).items():
            yield from silence(case, f"{kind} {language}", asked)
    for language in LANGUAGES:
        yield from presence(case, f"labels {language}", queries.labels(case.testset, language))
        yield from presence(case, f"general {language}", queries.general(case.testset, language))


def unanswered(case: Case, language: str) -> dict[str, list[str]]:
    """What this library has nothing of, by kind."""
    return {
        "absent": queries.absent(case.testset, case.others, language),
        "rare": queries.rare(case.testset, language),
        "nonsense": queries.nonsense(language),
        "abstract": queries.abstract(language),
        "impossible": queries.impossible(case.testset, language),
    }


def silence(case: Case, asked: str, texts: Sequence[str]) -> Iterator[Figure]:
    """How often something is said to match, though nothing does."""
    if not texts:
        return
    answers = [case.engine.search(replace(words(text), limit=1)) for text in texts]
    place = Place(case.name, "line", asked)
    yield place.mean("any hit", [float(answer.total > 0) for answer in answers])
    yield place.mean("strong", [float(answer.strong > 0) for answer in answers])
    yield place.mean("hits", [float(answer.total) for answer in answers])


def presence(case: Case, asked: str, questions: Sequence[Question]) -> Iterator[Figure]:
    """How much of what is there passes the line, and how honest its scores are."""
    if not questions:
        return
    judged = [Judged(case.ask(words(one.text)), one.right) for one in questions]
    place = Place(case.name, "line", asked)
    for name, least in (("", 0.0), (" strong", STRONG)):
        parts = [one.part(least) for one in judged]
        yield place.mean(f"recall{name}", [recall for recall, _ in parts])
        precise = [precision for _, precision in parts if precision is not None]
        yield place.mean(f"precision{name}", precise)
    yield place.mean("silent", [float(not one.answer.total) for one in judged])
    yield place.of("calibration error", judged, calibration_error)


def calibration_error(judged: Sequence[Judged]) -> float:
    """Between what scores above the line promise and what they keep, over ten bins; NaN without
    any."""
    scores = np.array([score for one in judged for score in one.answer.scores])
    right = np.array([hit for one in judged for hit in one.hits], float)
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    gaps = [abs(float((scores - right)[bins == one].sum())) for one in range(BINS)]
    return sum(gaps) / len(scores) if len(scores) else float("nan")


def smaller(case: Case) -> Iterator[Figure]:
    """The same silence asked of a part of the library: it must not hang on the size."""
    count = len(case.testset.rows)
    for size in SIZES:
        if size >= count:
            continue
        rows = np.random.default_rng(size).permutation(count)[:size].tolist()
        testset = case.testset.part(rows)
        with opened(testset, case.others, case.features.taken(rows), case.towers) as part:
            for kind, asked in unanswered(part, "en").items():
                yield from silence(part, f"{kind} en, of {size}", asked)
