"""One run of the ingest, whoever asked for it: its lock, its folders, its models. No console."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from search.jobs import IngestReport, IngestRequest
from search.settings import Settings
from search.store import Store

from .decoding import DecoderPool
from .ingest import ingest
from .interfaces import Embedder, Reader
from .libraries import refuse_libraries
from .opening import towers_opener
from .report import Reporter, Silent
from .shop import Catalogue, bring_in, catalogues, known_catalogues, with_pictures
from .sources import Source, sources_for, sources_of, sources_within


class OpenEmbedder(Protocol):
    """Gives what opens the embedder of a library once a picture needs it."""

    def __call__(
        self, store: Store, settings: Settings, reporter: Reporter, *, captions: bool
    ) -> Callable[[], Embedder]: ...


@dataclass(frozen=True, slots=True)
class Workers:
    """Who reads and who embeds: processes and towers of this machine, unless others are named."""

    reader: Callable[[Settings], AbstractContextManager[Reader]] = DecoderPool.of
    embedder: OpenEmbedder = towers_opener


def run(
    settings: Settings,
    request: IngestRequest,
    reporter: Reporter = Silent(),  # noqa: B008 - has no state
    workers: Workers = Workers(),
) -> IngestReport:
    """Do what is asked for, in this thread.

    Raises LibraryLockedError while another run is writing unless the request waits, SettingsError
    for a path that is a library, NotFoundError for a folder that was to be known and is not,
    FeedError for a feed of which nothing can be read, and what `ingest` raises.
    """
    refuse_libraries(request.paths, settings.library)
    adds = not request.sync
    feeds = list(catalogues(request.feeds, request.collection, request.feed_options))
    with (
        Store.for_run(settings, request.command, create=adds, wait=request.wait) as store,
        workers.reader(settings) as reader,
    ):
        if request.sync:
            feeds += known_catalogues(store, request.paths, reporter)
        sources = with_pictures(_sources(store, request, reporter), _named(store, feeds))
        opener = workers.embedder(store, settings, reporter, captions=request.captions)
        options = request.options if adds else replace(request.options, prune=True)
        report = ingest(store, sources, reader, opener, settings, options, reporter)
        bring_in(store, feeds, report, reporter, yes=options.yes)
        return report


def _sources(store: Store, request: IngestRequest, reporter: Reporter) -> list[Source]:
    if not request.sync:
        return sources_for(store, request.collection, request.paths)
    if request.paths:
        return sources_within(store, request.paths)
    return list(_there(store, reporter))


def _named(store: Store, feeds: Sequence[Catalogue]) -> Iterator[Source]:
    """The pictures of feeds."""
    for feed in feeds:
        yield from sources_for(store, feed.collection, feed.pictures)


def _there(store: Store, reporter: Reporter) -> Iterator[Source]:
    """Every folder of the library that is there; the others keep their pictures."""
    for source in sources_of(store):
        if os.path.isdir(source.root.path):
            yield source
        else:
            known = store.files.known(source.root)
            reporter.root_missing(source.root.path, pictures=bool(known))
