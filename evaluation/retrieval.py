"""How well a library finds what queries should find: by each evidence alone, and by all together.

Every search goes through the engine, as a person's would; all images are ranked, so that one that
is missed by a little is told from one that is missed by far.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from search.engine import SearchEngine
from search.errors import QueryError
from search.language import Line
from search.query import MAX_LIMIT, Query

from .judgements import Judged
from .metrics import hit_at, mean_with_interval, ndcg_at, reciprocal_rank

ALL = "all"  # evidence together, as a search without a target has it
DEPTH = MAX_LIMIT  # places that are looked at

MEASURES: dict[str, Callable[[Sequence[int], Judged], float]] = {
    "recall@1": lambda ranked, query: hit_at(1, ranked, query.right),
    "recall@5": lambda ranked, query: hit_at(5, ranked, query.right),
    "recall@10": lambda ranked, query: hit_at(10, ranked, query.right),
    "mrr": lambda ranked, query: reciprocal_rank(ranked, query.right),
    "ndcg@10": lambda ranked, query: ndcg_at(10, ranked, query.gains),
}


@dataclass(frozen=True, slots=True)
class Value:
    """A mean over queries, within its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Value:
        return cls(*mean_with_interval(values))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came for a query."""

    query: Judged
    ranked: tuple[int, ...]  # image ids, best first
    seconds: float  # encoding the words and searching

    @property
    def first_right(self) -> int | None:
        """The rank of the first picture that is right, from 1."""
        ranks = (rank for rank, id_ in enumerate(self.ranked, 1) if id_ in self.query.right)
        return next(ranks, None)


@dataclass(frozen=True, slots=True)
class Run:
    """All queries, asked of one model with some evidence."""

    model: str
    evidence: str  # its name, or ALL
    answers: tuple[Answer, ...]

    def scores(self, measure: str) -> list[float]:
        """One a query."""
        return [MEASURES[measure](answer.ranked, answer.query) for answer in self.answers]

    def value(self, measure: str) -> Value:
        return Value.of(self.scores(measure))

    def against(self, other: Run, measure: str) -> Value:
        """How much more than another run of the same queries, compared query by query."""
        pairs = zip(self.scores(measure), other.scores(measure), strict=True)
        return Value.of([mine - its for mine, its in pairs])

    def percentile_ms(self, percent: float) -> float:
        return 1000 * float(np.percentile([answer.seconds for answer in self.answers], percent))

    def within(self, rank: int) -> float:
        """The share of queries with a right picture among the first so many."""
        ranks = [answer.first_right or DEPTH + 1 for answer in self.answers]
        return float(np.mean(np.array(ranks) <= rank))

    def worst(self, count: int) -> list[Answer]:
        """Those that answer worst; none that is perfect."""
        scored = list(zip(self.scores("ndcg@10"), self.answers, strict=True))
        failed = [(score, answer) for score, answer in scored if score < 1]
        failed.sort(key=lambda one: (one[0], -(one[1].first_right or DEPTH + 1)))
        return [answer for _, answer in failed[:count]]


def all_evidence(engine: SearchEngine) -> list[str]:
    """Everything together, and each alone."""
    return [ALL, *(one.name for one in engine.model.retrievers)]


def runs(
    engine: SearchEngine,
    queries: Sequence[Judged],
    evidence: Sequence[str],
    tick: Callable[[], None] = lambda: None,
    *,
    plain: bool = False,
) -> Iterator[Run]:
    """One with each of this evidence. What knows nothing of any image (captions that were never
    written) is left out. `tick` hears of each search. `plain`: queries are words as they stand,
    not lines as somebody would type them."""
    encoded = {query.text: _encode_seconds(engine, query.text) for query in queries}
    for name in evidence:
        answers = []
        for query in queries:
            answers.append(_answer(engine, query, name, plain, encoded[query.text]))
            tick()
        if any(answer.ranked for answer in answers):
            yield Run(engine.model.info.name, name, tuple(answers))


def _encode_seconds(engine: SearchEngine, text: str) -> float:
    """Of its words alone: searches keep vectors, and each is charged alike."""
    began = time.perf_counter()
    engine.model.encoder.encode_texts([text])
    return time.perf_counter() - began


def _answer(
    engine: SearchEngine, query: Judged, evidence: str, plain: bool, encoded: float
) -> Answer:
    """Asked twice: as far down as is looked at, then for a page as a person has it, for the time.
    A line that asks for nothing finds nothing."""
    rest = Query(evidence=frozenset() if evidence == ALL else frozenset([evidence]))
    began = time.perf_counter()
    page = engine.read(Line(query.text, plain=plain), rest).within(rest)
    read = time.perf_counter() - began
    try:
        deep = engine.search(replace(page, limit=DEPTH, any_relevance=True))
        took_ms = engine.search(page).took_ms
    except QueryError:
        return Answer(query, (), encoded)
    ranked = query.answers(hit.image.id for hit in deep.hits)
    return Answer(query, ranked, encoded + read + took_ms / 1000)
