"""Library: one library in Python, searched and added to with the same models."""

from __future__ import annotations

import operator
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, SupportsIndex

from indexer.query_picture import named, read_picture
from indexer.runs import run
from indexer.search_options import check_known
from search import open_engine
from search.errors import QueryError
from search.jobs import IngestOptions, IngestReport, IngestRequest
from search.language import Line
from search.query import Collapse, Image, Picture, Query, Target
from search.records import Filters, LibraryStats, RankedText, Sort
from search.requests import terms
from search.settings import Settings, read_settings
from search.store import Store
from search.thumbnails import Thumbnails

from .results import Description, Results

if TYPE_CHECKING:
    from search.engine import SearchEngine

AnyPath = str | os.PathLike[str] | bytes


def open(library: AnyPath | Settings | None = None, **settings: Any) -> Library:
    """A library by its folder, by settings, or the default one; it need not exist yet.

    `settings` are those of docs/settings.md: `model="balanced"`, `device="cpu"`. The models are
    loaded when they are first needed. Raises SettingsError.
    """
    if not isinstance(library, Settings):
        folder = None if library is None else Path(os.fsdecode(library))
        return Library(read_settings(folder, **settings))
    return Library(library.model_copy(update=settings) if settings else library)


class Library:
    """One library: search it, describe pictures, add to it. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._engine: SearchEngine | None = None
        self._opening = threading.Lock()
        self._closed = False
        self._thumbnail = Thumbnails(settings.library / "thumbs").get

    @property
    def path(self) -> Path:
        return self.settings.library

    @property
    def engine(self) -> SearchEngine:
        """All that `search.SearchEngine` can do. Raises NoLibraryError where there is none yet."""
        with self._opening:
            if self._closed:
                raise ValueError(f"{self!r} is closed")
            if self._engine is None:
                self._engine = open_engine(self.settings)
            return self._engine

    def search(
        self,
        text: str | None = None,
        *,
        image: AnyPath | None = None,
        image_id: int | None = None,
        negative: str | None = None,
        plain: bool = False,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        target: Target | str = Target.HYBRID,
        sort: Sort | str = Sort.RELEVANCE,
        limit: int = 24,
        offset: int = 0,
        any_relevance: bool = False,
        collapse: Collapse | str = Collapse.DUPLICATES,
        facets: Sequence[str] = (),
    ) -> Results:
        """Find pictures by words, by a picture file (`image`: its path, or its bytes), by an image
        of the library (`image_id`), or by any mixture; `negative` are words to stay away from.

        `text` is read as docs/query-language.md says ("apple -red", "beach before:2024-07"); with
        `plain` it is taken as it stands.

        `any_relevance` ranks every picture, relevant or not; pictures that are nearly the same are
        one hit unless `collapse` is "none"; `facets` are names of filters whose
        values are counted in the whole answer. Raises QueryError (also for a filter
        that names nothing in this library), NotFoundError
        (no such image), ImageError (the picture), NoLibraryError.
        """
        rest = Query(
            terms(
                image=None if image is None else _picture(image),
                image_id=image_id,
                negative=_text(negative),
            ),
            evidence=Target(target).evidence,
            filters=filters,
            sort=Sort(sort),
            limit=limit,
            offset=offset,
            any_relevance=any_relevance,
            collapse=Collapse(collapse),
            facets=(facets,) if isinstance(facets, str) else tuple(facets),
        )
        reading = self.engine.read(Line(_text(text) or "", plain=plain), rest)
        query = reading.within(rest)
        check_known(self.engine.store, query.filters)
        with named(_name(image)):
            return Results.of(self.engine.search(query), query, reading, self._thumbnail)

    def similar(self, like: AnyPath | SupportsIndex, *, limit: int = 24) -> Results:
        """Pictures that look like a file, or like an image of the library by its id."""
        if isinstance(like, SupportsIndex):  # numpy's and pandas' integers too
            return self.search(image_id=operator.index(like), limit=limit)
        return self.search(image=like, limit=limit)

    def describe(self, image: AnyPath) -> Description:
        """Caption, tags and neighbours of a picture file, which need not be in the library."""
        with named(_name(image)):
            return Description.of(self.engine.describe(_picture(image)), self._thumbnail)

    def rank(self, image: AnyPath | SupportsIndex, texts: Sequence[str]) -> tuple[RankedText, ...]:
        """The texts by how well they say what a picture shows: a file, or an image of the library
        by its id. Probabilities add up to 1 over these texts; a score is that of a text alone.

        Raises QueryError (the texts), NotFoundError (no such image), ImageError (the picture).
        """
        if isinstance(image, SupportsIndex):
            return self.engine.rank(Image(operator.index(image)), texts)
        with named(_name(image)):
            return self.engine.rank(Picture(_picture(image)), texts)

    def add(
        self,
        *paths: AnyPath,
        collection: str = "default",
        captions: bool = True,
        retry: bool = False,
        include_removed: bool = False,
        wait: bool = False,
    ) -> IngestReport:
        """Index files and folders, as `indexer add` does; the counts of the run.

        Raises LibraryLockedError while another run is writing, unless `wait`.
        """
        request = IngestRequest(
            tuple(os.path.abspath(os.fsencode(path)) for path in paths),
            collection=collection,
            captions=captions,
            options=IngestOptions(retry=retry, include_removed=include_removed),
            wait=wait,
        )
        return run(self.settings, request)

    def status(self) -> LibraryStats:
        """What the library holds. Raises NoLibraryError."""
        with Store.open(self.settings) as store:
            return store.stats()

    def close(self) -> None:
        """Let the models and the catalogue go; nothing is lost without it."""
        with self._opening:
            self._closed = True
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"pomona.open({str(self.path)!r})"


def _text(words: str | None) -> str | None:
    if words is not None and not isinstance(words, str):
        raise QueryError(f"words are a text, not {type(words).__name__}", "/query/text")
    return words


def _picture(image: AnyPath) -> bytes:
    """The bytes of a file; bytes are taken for those of a picture already."""
    return image if isinstance(image, bytes) else read_picture(os.fsencode(image))


def _name(image: AnyPath | None) -> bytes | None:
    """What an error calls the picture: its path where it has one."""
    return None if image is None or isinstance(image, bytes) else os.fsencode(image)
