"""A feed that was read, its pictures indexed -> the products of the library as it says.

What a row cannot say stays as it was: a broken row, or one whose pictures are away, takes no
product out. Only a product that is in no row of a whole feed is gone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from search.errors import PomonaError, explained
from search.jobs import FeedOptions, IngestReport, ProductCounts
from search.products import FeedRecord, Product
from search.records import Failure, Root
from search.store import Store
from search.words import counted

from .feeds.reading import Entry, Feed, read
from .prune import FEW, SMALL_PART
from .report import Reporter
from .sources import FileSource, FolderSource, Source

AT_ONCE = 500  # products of one transaction
TAKEN_OUT = "`remove` took it out of the library; --include-removed takes it in again"
NOT_A_PICTURE = "it could not be indexed"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A feed, and where its products belong."""

    feed: Feed
    collection: str
    options: FeedOptions

    @property
    def path(self) -> bytes:
        return bytes(self.feed.path)

    @property
    def pictures(self) -> list[bytes]:
        """Absolute paths, each once."""
        return list(dict.fromkeys(path for entry in self.feed.entries for path in entry.paths))


def catalogues(
    paths: Sequence[bytes], collection: str, options: FeedOptions
) -> Iterator[Catalogue]:
    """Of feeds that are named. Raises FeedError, OSError."""
    for path in paths:
        feed = read(Path(os.fsdecode(path)), options)
        yield Catalogue(feed, collection, options)


def known_catalogues(
    store: Store, below: Sequence[bytes], reporter: Reporter
) -> Iterator[Catalogue]:
    """Of feeds that were imported before; those that are not there keep their products."""
    for each in store.products.feeds():
        if below and not any(_lies_in(each.path, folder) for folder in below):
            continue
        options = FeedOptions(**json.loads(each.options))
        try:
            yield from catalogues([each.path], each.collection, options)
        except (PomonaError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else None
            reporter.feed_missing(each.path, why or str(error))


def with_pictures(sources: Sequence[Source], named: Iterable[Source]) -> list[Source]:
    """All sources, and the pictures that feeds name beside them: each picture is looked at once."""
    folders = [each for each in sources if isinstance(each, FolderSource)]
    found, files = list(sources), dict[int, FileSource]()
    for source in named:
        if not isinstance(source, FileSource):
            found.append(source)
            continue
        there = files.get(source.root.id)
        files[source.root.id] = there.joined(source) if there else source
    for at, source in enumerate(found):
        if isinstance(source, FileSource) and source.root.id in files:
            found[at] = source.joined(files.pop(source.root.id))
    rest = (source.without(folders) for source in files.values())
    return [*found, *filter(None, rest)]


def bring_in(
    store: Store,
    catalogue: Catalogue,
    report: IngestReport,
    reporter: Reporter,
    *,
    yes: bool = False,
) -> None:
    """Make the products those of the feed, and count each row in `report`."""
    feed, counts = catalogue.feed, report.products or ProductCounts()
    report.products = counts
    for fault in feed.faults:
        reporter.bad_row(catalogue.path, fault.line, fault.sku, fault.why)
    counts.rows += feed.rows
    counts.bad += feed.bad
    counts.reported += len(feed.faults)
    _Import(store, catalogue, counts, reporter).write(report, yes)


class _Import:
    """The steps for one feed, and what they share."""

    def __init__(
        self, store: Store, catalogue: Catalogue, counts: ProductCounts, reporter: Reporter
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._counts = counts
        self._reporter = reporter
        self._options = _json(catalogue.options)

    def write(self, report: IngestReport, yes: bool) -> None:
        store, catalogue = self._store, self._catalogue
        mine = self._record()
        changed = list(self._changed(mine))
        gone = sorted(mine.skus - catalogue.feed.skus) if mine else []
        if gone and (why_not := _doubt(catalogue.feed, len(gone), len(mine.skus), yes)):
            report.refusals = (*report.refusals, f"{catalogue.feed.path}: {why_not}")
            gone = []
        self._counts.removed += len(gone)
        rest = [changed[at : at + AT_ONCE] for at in range(0, len(changed), AT_ONCE)]
        if gone or (not rest and mine and mine.options != self._options):
            rest = rest or [[]]
        for number, some in enumerate(rest):
            now = gone if number == 0 else ()
            put = store.products.put
            put(catalogue.collection, catalogue.path, self._options, some, now)

    def _record(self) -> FeedRecord:
        feeds = self._store.products.feeds(self._catalogue.collection)
        new = FeedRecord(self._catalogue.collection, self._catalogue.path, "", frozenset())
        return next((each for each in feeds if each.path == self._catalogue.path), new)

    def _changed(self, mine: FeedRecord) -> Iterator[tuple[Product, tuple[int, ...]]]:
        """What has to be written; all rows are counted."""
        known = self._store.products.known(self._catalogue.collection)
        places = _Places(self._store, self._catalogue)
        for entry in self._catalogue.feed.entries:
            images = self._images(entry, places)
            if not images:
                self._counts.bad += 1
                continue
            sku, shown = entry.product.sku, (entry.product, images)
            if known.get(sku) == shown:
                self._counts.unchanged += 1
                if sku in mine.skus:
                    continue
            elif sku in known:
                self._counts.updated += 1
            else:
                self._counts.added += 1
            yield shown

    def _images(self, entry: Entry, places: _Places) -> tuple[int, ...]:
        found: dict[int, None] = {}
        for path in entry.paths:
            if (id_ := places.images.get(path)) is not None:
                found[id_] = None
                continue
            why = f"{os.fsdecode(path)}: {places.why_not(path)}"
            self._counts.reported += 1
            self._reporter.bad_row(self._catalogue.path, entry.line, entry.product.sku, why)
        return tuple(found)


class _Places:
    """Which image lies at each path that a feed names, or why none does."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.images: dict[bytes, int] = {}
        self._failures: dict[bytes, Failure] = {}
        wanted = set(catalogue.pictures)
        folders = {os.path.dirname(path) for path in wanted}
        for root in store.roots.all(catalogue.collection):
            if any(_lies_in(folder, root.path) for folder in folders):
                self._look(store, root, wanted)

    def why_not(self, path: bytes) -> str:
        failure = self._failures.get(path)
        return explained(failure.reason, failure.detail) if failure else TAKEN_OUT

    def _look(self, store: Store, root: Root, wanted: set[bytes]) -> None:
        start = os.path.join(root.path, b"")
        inside = {path[len(start) :]: path for path in wanted if path.startswith(start)}
        known, failures = store.files.known(root), store.failures.known(root)
        for relative, path in inside.items():
            if relative in known:
                self.images[path] = known[relative].image_id
            elif relative in failures:
                self._failures[path] = failures[relative]


def _doubt(feed: Feed, gone: int, known: int, yes: bool) -> str:
    """Why products that are in no row are not taken for gone; empty where they are."""
    if not feed.rows:
        return "holds no products any more; nothing was removed"
    if feed.unknown:
        return (
            f"{counted(gone, 'product')} may be gone, but of {counted(feed.unknown, 'row')} nobody "
            "can tell which product it is; nothing was removed"
        )
    if gone > FEW and gone > SMALL_PART * known and not yes:
        return (
            f"{gone} of {known} products are gone, which is a lot; "
            "run it again with --yes to remove them"
        )
    return ""


def _json(options: FeedOptions) -> str:
    said: Mapping[str, object] = {
        "mapped": dict(options.mapped),
        "encoding": options.encoding,
        "allow_outside": options.allow_outside,
    }
    return json.dumps(said, sort_keys=True)


def _lies_in(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(os.path.join(folder, b""))
