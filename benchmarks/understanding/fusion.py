"""Is the fused ranking better than that by pictures alone? Labels and captions, both languages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from evaluation.metrics import average_precision, hit_at
from evaluation.queries import labels
from search.query import Target

from .case import Case, words
from .figures import Figure, Place

LANGUAGES = ("en", "zh")


def figures(case: Case) -> Iterator[Figure]:
    measured = captions if case.testset.captioned else label_precision
    for language in LANGUAGES:
        for target in (Target.HYBRID, Target.IMAGE, Target.CAPTION):
            yield from measured(case, language, target)


def label_precision(case: Case, language: str, target: Target) -> Iterator[Figure]:
    values = [
        average_precision(case.ranked(words(asked.text, target.evidence), asked.right), asked.right)
        for asked in labels(case.testset, language)
    ]
    yield Place(case.name, "fusion", f"labels {language} {target}").mean("mAP", values)


def captions(case: Case, language: str, target: Target) -> Iterator[Figure]:
    """A picture's first caption should find that picture."""
    asked = case.testset.questions(language)
    found = [case.first(words(one.text, target.evidence), 10) for one in asked]
    place = Place(case.name, "fusion", f"captions {language} {target}")
    for k in (1, 5, 10):
        hit = partial(hit_at, k)
        values = [hit(rows, one.right) for rows, one in zip(found, asked, strict=True)]
        yield place.mean(f"R@{k}", values)
