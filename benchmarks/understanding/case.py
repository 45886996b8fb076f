"""A test set as a library that is asked: the real engine, over what the indexer would store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.testsets import Testset
from search.calibration import Calibration
from search.engine import SearchEngine
from search.images import LocalDecoder
from search.index import open_indexes
from search.interfaces import Captioner, Encoder
from search.lexical import WordsRetriever
from search.model import Model
from search.query import MAX_LIMIT, MAX_WINDOW, Query, Words
from search.records import FileStamp, Hit
from search.settings import Settings
from search.store import Store
from search.written import WrittenFollower

from .features import Features

ROWS = 500  # of one transaction


@dataclass(frozen=True, slots=True)
class Towers:
    """The model that is measured."""

    encoder: Encoder
    captioner: Captioner | None
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question; pictures by their row in the test set, best first."""

    found: Sequence[int]
    scores: Sequence[float]
    total: int
    strong: int


@dataclass(frozen=True, slots=True)
class Case:
    """One test set as a library; `others` are the sets that were given beside it."""

    testset: Testset
    others: Sequence[Testset]
    features: Features
    towers: Towers
    engine: SearchEngine
    ids: Sequence[int]  # of the images, by row

    @property
    def name(self) -> str:
        return self.testset.name

    def ask(self, query: Query) -> Answer:
        """The whole answer of a page without end."""
        hits, total, strong = self._pages(query, lambda hits: False)
        return Answer(self._rows(hits), [hit.score for hit in hits], total, strong)

    def ranked(self, query: Query, right: Collection[int]) -> list[int]:
        """Rows in order, weak or not, as far as the last of the `right` ones."""
        wanted = {self.ids[row] for row in right}

        def complete(hits: Sequence[Hit]) -> bool:
            return wanted <= {hit.image.id for hit in hits}

        return self._rows(self._pages(replace(query, any_relevance=True), complete)[0])

    def first(self, query: Query, count: int) -> list[int]:
        """The first rows, weak or not."""
        asked = replace(query, any_relevance=True, limit=count)
        return self._rows(self.engine.search(asked).hits)

    def _rows(self, hits: Sequence[Hit]) -> list[int]:
        row_of = {id_: row for row, id_ in enumerate(self.ids)}
        return [row_of[hit.image.id] for hit in hits]

    def _pages(
        self, query: Query, enough: Callable[[Sequence[Hit]], bool]
    ) -> tuple[list[Hit], int, int]:
        """Hits page by page until there are enough of them; how many there are, and strong ones."""
        hits: list[Hit] = []
        while True:
            page = replace(query, offset=len(hits), limit=MAX_LIMIT)
            result = self.engine.search(page)
            hits += result.hits
            at_end = len(hits) >= min(result.total, MAX_WINDOW - MAX_LIMIT) or not result.hits
            if at_end or enough(hits):
                return hits, result.total, result.strong


def words(text: str, evidence: Collection[str] = ()) -> Query:
    return Query((Words(text),), evidence=frozenset(evidence))


@contextmanager
def opened(
    testset: Testset, others: Sequence[Testset], features: Features, towers: Towers
) -> Iterator[Case]:
    """The case, over a library that lies in a temporary folder until it is left."""
    with TemporaryDirectory(prefix="understanding-") as folder:
        settings = Settings(library=Path(folder))
        ids = _filled(testset, features, towers.encoder, settings)
        engine = _engine(towers, settings)
        try:
            yield Case(testset, others, features, towers, engine, ids)
        finally:
            engine.close()


def _filled(
    testset: Testset, features: Features, encoder: Encoder, settings: Settings
) -> list[int]:
    """The ids of the images, by row."""
    images = features.images(testset.name)
    files = [b"%d.jpg" % row for row in range(len(testset.rows))]  # their own names tell labels
    added = [(file, FileStamp(1, 1), new) for file, new in zip(files, images, strict=True)]
    with Store.create(settings) as store:
        root = store.roots.ensure("default", b"/pictures", 1)
        starts = range(0, len(added), ROWS)
        batches = [added[start : start + ROWS] for start in starts]
        return [id_ for some in batches for id_ in store.images.add(root, encoder.info, some)]


def _engine(towers: Towers, settings: Settings) -> SearchEngine:
    store = Store.open(settings)
    indexes = open_indexes(settings.index, towers.encoder.info.dim, settings.device)
    words = WordsRetriever(WrittenFollower(store))
    model = Model.over(
        store, towers.encoder, towers.captioner, indexes, towers.calibration, [words]
    )
    return SearchEngine(settings, store, model, LocalDecoder())
