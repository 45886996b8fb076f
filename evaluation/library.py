"""A library evaluated: what it finds, by which evidence and which model, and how fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from search.engine import SearchEngine
from search.records import Filters, ImageRecord, Sort, Space
from search.store import Store

from .index_recall import IndexRecall
from .judgements import Judged, Unusable
from .retrieval import ALL, Run, all_evidence, runs

PAGE = 1000  # images read at once
QUESTIONS = 200  # vectors that an index is asked for
PEOPLE = "human"  # the source of captions that people wrote


@dataclass(frozen=True, slots=True)
class Questions:
    """What a library is asked, and where that comes from."""

    source: str
    queries: tuple[Judged, ...]
    evidence: tuple[str, ...] | None = None  # None: all that there is
    plain: bool = False  # words as they stand, not lines as somebody would type them
    judged: bool = True  # False: nobody knows what is right; only times are measured
    unusable: tuple[Unusable, ...] = ()

    def at_most(self, count: int) -> Questions:
        """So many of them, evenly spread."""
        step = max(1, -(-len(self.queries) // count))
        return replace(self, queries=self.queries[::step])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was measured. Of the runs the first is what others are compared with."""

    model: str
    images: int
    index: str  # the kind, as the setting has it
    questions: Questions
    recalls: tuple[IndexRecall, ...]
    runs: tuple[Run, ...]
    missing: tuple[tuple[str, str], ...]  # models that were not compared, and why


def own_questions(store: Store) -> Questions:
    """The captions that people have written and the titles of products: each should find its
    picture. By the picture alone, for captions and words would find themselves.

    Where there are none, captions of the machine, of which nothing but the time is asked.
    """
    records = list(_spread(store))
    written = [
        Judged(caption.text, {record.id: 1.0})
        for record in records
        for caption in record.captions
        if caption.source == PEOPLE and caption.text.strip()
    ]
    if written := [*written, *_titles(store)]:
        source, alone = "captions and titles that people wrote", (Space.IMAGE.value,)
        return Questions(source, tuple(written), alone, plain=True)
    texts = dict.fromkeys(record.caption for record in records if record.caption)
    made = tuple(Judged(text, {}) for text in islice(texts, QUESTIONS))
    return Questions("captions of the machine", made, plain=True, judged=False)


def _titles(store: Store) -> Iterator[Judged]:
    """Of products that have a picture."""
    after = 0
    while page := store.products.page(after, PAGE):
        after = page[-1].id
        for each in page:
            if each.images and each.product.title.strip():
                first, *more = each.images
                yield Judged(each.product.title, {first: 1.0}, dict.fromkeys(more, first))


def evaluate(
    engine: SearchEngine,
    questions: Questions,
    others: Iterable[SearchEngine] = (),
    missing: Sequence[tuple[str, str]] = (),
    tick: Callable[[], None] = lambda: None,
) -> Evaluation:
    """`others` ask the same library by other models. `tick` hears of each search."""
    engine.refresh()
    queries, plain = questions.queries, questions.plain
    found = [*runs(engine, queries, _evidence(engine, questions), tick, plain=plain)]
    for other in others:
        found += runs(other, queries, _first(questions), tick, plain=plain)
    return Evaluation(
        model=engine.model.info.name,
        images=engine.model.images(),
        index=engine.settings.index,
        questions=questions,
        recalls=tuple(_recalls(engine, questions)),
        runs=tuple(found),
        missing=tuple(missing),
    )


def searches(engine: SearchEngine, questions: Questions, models: int) -> int:
    """How many an evaluation takes, with so many further models."""
    return len(questions.queries) * (len(_evidence(engine, questions)) + models)


def _evidence(engine: SearchEngine, questions: Questions) -> list[str]:
    return all_evidence(engine) if questions.evidence is None else [*questions.evidence]


def _first(questions: Questions) -> list[str]:
    """What another model is compared by."""
    return [ALL] if questions.evidence is None else [*questions.evidence]


def _recalls(engine: SearchEngine, questions: Questions) -> Iterator[IndexRecall]:
    model = engine.model
    asked = [model.text_vector(query.text) for query in questions.queries[:QUESTIONS]]
    for space, follower in model.followers.items():
        yield IndexRecall.of(space.value, follower.index, asked)


def _spread(store: Store) -> Iterator[ImageRecord]:
    """All images, page by page."""
    cursor = None
    while True:
        records, cursor = store.images.page(Filters(), Sort.RELEVANCE, cursor, PAGE)
        yield from records
        if cursor is None:
            return
