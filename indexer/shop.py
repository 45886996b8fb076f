"""A feed that was read, its pictures indexed -> the products of the library as it says.

What a row cannot say stays as it was: a broken row, or one whose pictures are away, takes no
product out. Only a product that is in no row of a whole feed is gone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from search.errors import PomonaError, explained
from search.jobs import FeedOptions, IngestReport, ProductCounts
from search.products import FeedRecord
from search.records import Failure, Root
from search.store import Store
from search.store.products import Shown
from search.words import counted

from .feeds.reading import Entry, Feed, read
from .prune import FEW, SMALL_PART
from .report import Reporter
from .sources import FileSource, FolderSource, Source

AT_ONCE = 500  # products of one transaction
NOT_FOUND = "it was not found in this run"
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
    catalogues: Sequence[Catalogue],
    report: IngestReport,
    reporter: Reporter,
    *,
    yes: bool = False,
) -> None:
    """Make the products those of the feeds, and count each row in `report`.

    All is written before anything goes: what one row shows no more another may show.
    """
    imports = [_Import(store, each, report, reporter) for each in catalogues]
    for each in imports:
        each.look([other.feed for other in catalogues if other.collection == each.collection])
        each.refuse_products(yes=yes)
    for each in imports:
        each.refuse_images([other for other in imports if other.collection == each.collection], yes)
    for each in imports:
        each.write()
    for each in imports:
        each.take_out()


class _Import:
    """The steps for one feed, and what they share."""

    def __init__(
        self, store: Store, catalogue: Catalogue, report: IngestReport, reporter: Reporter
    ) -> None:
        self.collection = catalogue.collection
        self._store = store
        self._catalogue = catalogue
        self._report = report
        self._counts = report.products = report.products or ProductCounts()
        self._reporter = reporter
        self._options = _json(catalogue.options)
        self._changed: list[Shown] = []
        self._gone: set[str] = set()
        self._unshown: set[int] = set()  # images that no product shows any more

    def look(self, feeds: Sequence[Feed]) -> None:
        """What has to be done; all rows are counted. `feeds`: all of this run and collection."""
        feed, counts = self._catalogue.feed, self._counts
        for fault in feed.faults:
            self._reporter.bad_row(self._catalogue.path, fault.line, fault.sku, fault.why)
        counts.rows += feed.rows
        counts.bad += feed.bad
        counts.reported += len(feed.faults)
        self._known = self._store.products.known(self.collection)
        self._mine = self._record()
        self._changed = list(self._changes())
        self._gone = set(self._mine.skus.difference(*(each.skus for each in feeds)))

    def refuse_products(self, *, yes: bool) -> None:
        gone, known = len(self._gone), len(self._mine.skus)
        if gone and (why_not := _doubt(self._catalogue.feed, gone, known, yes)):
            self._refuse(why_not)

    def refuse_images(self, imports: Sequence[_Import], yes: bool) -> None:
        """`imports`: all of this run and collection. Pictures that may not go stay those of their
        products, so that the next run asks again."""
        going = self._losing(imports)
        known = len(self._images_of(self._mine.skus))
        if len(going) > FEW and len(going) > SMALL_PART * known and not yes:
            self._refuse(
                f"{len(going)} of {known} pictures are in no row any more, which is a lot; "
                "run it again with --yes to remove them"
            )
            self._changed = [self._keeping(shown, going) for shown in self._changed]
            going = set()
        self._unshown = going

    def write(self) -> None:
        """In several transactions; nothing is taken out."""
        changed, put = self._changed, self._store.products.put
        if changed or self._mine.options != self._options:
            for at in range(0, max(len(changed), 1), AT_ONCE):
                some = changed[at : at + AT_ONCE]
                put(self.collection, self._catalogue.path, self._options, some)

    def take_out(self) -> None:
        self._counts.removed += len(self._gone)
        if self._gone or self._unshown:
            out = self._store.products.take_out(self.collection, self._gone, self._unshown)
            self._report.removed += out

    def _refuse(self, why: str) -> None:
        feed, report = self._catalogue.feed, self._report
        report.refusals = (*report.refusals, f"{feed.path}: {why}")
        self._gone = set()

    def _losing(self, imports: Sequence[_Import]) -> set[int]:
        """Images of this feed that no product shows once all feeds are written, and that lie in no
        folder that was added as a whole."""
        before = self._images_of({*self._gone, *(each.sku for each, _ in self._changed)})
        after = {sku: images for sku, (_, images) in self._known.items()}
        for one in imports:
            after |= {each.sku: images for each, images in one._changed}
        gone = set().union(*(one._gone for one in imports))
        left = before.difference(*(images for sku, images in after.items() if sku not in gone))
        return left - self._store.products.in_whole(left)

    def _images_of(self, skus: Iterable[str]) -> set[int]:
        return {id_ for sku in skus if sku in self._known for id_ in self._known[sku][1]}

    def _keeping(self, shown: Shown, images: set[int]) -> Shown:
        """A product with what it had of these images."""
        product, now = shown
        had = self._known[product.sku][1] if product.sku in self._known else ()
        return product, (*now, *(id_ for id_ in had if id_ in images and id_ not in now))

    def _record(self) -> FeedRecord:
        feeds = self._store.products.feeds(self._catalogue.collection)
        new = FeedRecord(self._catalogue.collection, self._catalogue.path, "", frozenset())
        return next((each for each in feeds if each.path == self._catalogue.path), new)

    def _changes(self) -> Iterator[Shown]:
        """What has to be written."""
        places = _Places(self._store, self._catalogue, self._report.left_out)
        for entry in self._catalogue.feed.entries:
            images = self._images(entry, places)
            if not images:
                self._counts.bad += 1
                continue
            sku, shown = entry.product.sku, (entry.product, images)
            if self._known.get(sku) == shown:
                self._counts.unchanged += 1
                if sku in self._mine.skus:
                    continue
            elif sku in self._known:
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
        if not found or not entry.missing or entry.product.sku not in self._known:
            return tuple(found)
        return self._with_missing(found, entry)

    def _with_missing(self, found: Mapping[int, None], entry: Entry) -> tuple[int, ...]:
        """With those that the product had where the row names what is not there now, at the places
        that they had."""
        had = self._known[entry.product.sku][1]
        records = self._store.images.get([id_ for id_ in had if id_ not in found])
        kept = {
            id_
            for id_, record in records.items()
            for place in record.locations
            if any(fnmatchcase(place.absolute, pattern) for pattern in entry.missing)
        }
        return tuple(dict.fromkeys((*(i for i in had if i in found or i in kept), *found)))


class _Places:
    """Which image lies at each path that a feed names, or why none does."""

    def __init__(self, store: Store, catalogue: Catalogue, left_out: int = 0) -> None:
        self.images: dict[bytes, int] = {}
        self._failures: dict[bytes, Failure] = {}
        self._removed: set[bytes] = set()
        self._left_out = left_out
        wanted = set(catalogue.pictures)
        folders = {os.path.dirname(path) for path in wanted}
        for root in store.roots.all(catalogue.collection):
            if any(_lies_in(folder, root.path) for folder in folders):
                self._look(store, root, wanted)

    def why_not(self, path: bytes) -> str:
        failure = self._failures.get(path)
        if failure:
            return explained(failure.reason, failure.detail)
        out = path in self._removed or (self._left_out and os.path.exists(path))
        return TAKEN_OUT if out else NOT_FOUND

    def _look(self, store: Store, root: Root, wanted: set[bytes]) -> None:
        start = os.path.join(root.path, b"")
        inside = {path[len(start) :]: path for path in wanted if path.startswith(start)}
        known, failures = store.files.known(root), store.failures.known(root)
        self._removed |= {inside[each] for each in store.removals.paths(root) if each in inside}
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
