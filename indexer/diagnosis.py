"""Do disk, database and index agree? What `doctor` looks at, and what it can make again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Container, Iterator, Mapping

import numpy as np

from search.errors import ImageError, LibraryDamagedError, NotFoundError
from search.findings import THUMBNAIL_MADE_AGAIN, WORDS_MADE_AGAIN, Code, Finding
from search.images import LocalDecoder
from search.media import original
from search.records import FileStamp, Filters, ImageRecord, Sort, Space
from search.settings import Settings
from search.store import Store
from search.words import counted

from .absence import AWAY, Absent
from .scan import UNTRUSTED_NS

PAGE = 500  # images read at once
SAMPLED = 200  # vectors that must find themselves


def diagnose(store: Store, *, deep: bool = False) -> Iterator[Finding]:
    """Everything that does not agree, cheapest checks first."""
    found = False
    for problem in store.integrity.problems(deep=deep):
        found = True
        yield problem
    if found:
        return  # what follows reads rows that may not be trusted
    yield from _pictures(store, deep=deep)
    if deep:
        yield from _index(store)


def examine(settings: Settings, *, deep: bool = False) -> list[Finding]:
    """What `diagnose` finds; damage that ends the look is a problem too. Raises DiskError."""
    found: list[Finding] = []
    try:
        with Store.open(settings) as store:
            found.extend(diagnose(store, deep=deep))
    except LibraryDamagedError as error:
        if not any(problem.code == Code.DATABASE_DAMAGED for problem in found):
            found.append(Finding(Code.DATABASE_DAMAGED, str(error)))
    return found


def repair(store: Store, settings: Settings, problems: list[Finding]) -> tuple[int, Counter[str]]:
    """Drop damaged rows, make thumbnails again: how much was done, and the rows that went.

    Only what comes from the pictures is touched: `sync` makes it again.
    """
    lost = store.integrity.repair(problems)
    repaired = lost["image"] + lost["caption"] + lost["caption_by_people"]
    repaired += sum(problem.code in WORDS_MADE_AGAIN for problem in problems)
    roots = {root.id: root.path for root in store.roots.all()}
    decoder = LocalDecoder(settings.max_megapixels * 1_000_000)
    for problem in problems:
        if problem.code == Code.THUMBNAIL_UNUSED:
            store.thumbnails.discard([problem.detail])
            repaired += 1
        elif problem.code in THUMBNAIL_MADE_AGAIN and problem.image_id is not None:
            record = store.images.get([problem.image_id])[problem.image_id]
            repaired += _make_thumbnail(store, record, roots, decoder)
    return repaired, lost


def _every(store: Store) -> Iterator[ImageRecord]:
    cursor = None
    while True:
        records, cursor = store.images.page(Filters(), Sort.RELEVANCE, cursor, PAGE)
        yield from records
        if cursor is None:
            return


def _pictures(store: Store, *, deep: bool) -> Iterator[Finding]:
    """Files and thumbnails of every image, in one pass.

    A file that is gone or changed is no damage: `sync` follows it. A folder or a disk that is
    gone is one problem, and not one for each of its files. `deep` decodes every thumbnail.
    """
    roots = store.roots.all()
    absent = {root.id: why for root in roots if (why := _absence(root.path))}
    thumbnails = _Thumbnails(store, deep)
    disks = {root.id: Absent(store, root) for root in roots}
    held: Counter[int] = Counter()
    for record in _every(store):
        held.update(place.root_id for place in record.locations)
        yield from _files(record, absent, disks)
        yield from thumbnails.of(record)
    for root in roots:
        if root.id in absent and held[root.id]:
            yield _missing(Code.ROOT_MISSING, absent[root.id], root.path, held[root.id])
        for disk, count in disks[root.id].disks():
            yield _missing(Code.DISK_MISSING, AWAY, disk, count)
    yield from thumbnails.unused()


def _missing(code: Code, why: str, folder: bytes, pictures: int) -> Finding:
    return Finding(code, f"{why}, {counted(pictures, 'picture')} of it in the library", folder)


def _files(
    record: ImageRecord, absent: Container[int], disks: Mapping[int, Absent]
) -> Iterator[Finding]:
    """`absent`: ids of roots that are not there; the files of disks that are not are counted."""
    for place in record.locations:
        if place.root_id in absent:
            continue
        try:
            about = os.stat(place.absolute)
        except OSError as error:
            disk = disks.get(place.root_id)  # None: another run has changed the folders
            if disk is None or not disk.held(place.path):
                why = error.strerror or "unreadable"
                yield Finding(Code.FILE_MISSING, why, place.absolute, record.id)
            continue
        if not _fits(place.stamp, about):
            detail = "changed since it was indexed"
            yield Finding(Code.FILE_CHANGED, detail, place.absolute, record.id)


def _absence(folder: bytes) -> str:
    """In words; an empty folder may be where a disk is mounted at other times."""
    try:
        with os.scandir(folder) as entries:
            return "" if any(entries) else "the folder is empty"
    except (FileNotFoundError, NotADirectoryError):
        return "the folder is not there"
    except OSError:
        return ""  # its files are listed one by one, each with its reason


def _fits(stamp: FileStamp, about: os.stat_result) -> bool:
    """A file that was being written when it was indexed has no time that could be compared."""
    times = (about.st_mtime_ns, UNTRUSTED_NS)
    return stamp.size == about.st_size and stamp.mtime_ns in times


class _Thumbnails:
    """Those on the disk, against the images that they should be of."""

    def __init__(self, store: Store, deep: bool) -> None:
        self._made = set(store.thumbnails.hashes())
        self._damaged = set(store.thumbnails.damaged()) if deep else set()
        self._used: set[str] = set()

    def of(self, record: ImageRecord) -> Iterator[Finding]:
        content = record.content_hash
        self._used.add(content)
        path = record.locations[0].absolute if record.locations else None
        if content not in self._made:
            yield Finding(Code.THUMBNAIL_MISSING, "it can be made again", path, record.id)
        elif content in self._damaged:
            yield Finding(Code.THUMBNAIL_DAMAGED, "it can be made again", path, record.id)

    def unused(self) -> Iterator[Finding]:
        for content in sorted(self._made - self._used):
            yield Finding(Code.THUMBNAIL_UNUSED, content)


def _index(store: Store) -> Iterator[Finding]:
    """Each sampled vector must be its own nearest neighbour in an index built from the rows."""
    model = store.encoders.current()
    if model is None:
        return
    from search.index import open_index

    for space in Space:
        changes = store.vectors.changes(model, space, 0)
        index = open_index("faiss:flat", model.dim)
        index.apply(changes)
        step = max(1, len(changes.ids) // SAMPLED)
        for id_, vector in zip(
            changes.owners[::step].tolist(), changes.vectors[::step], strict=True
        ):
            best = float(index.search(vector, 1)[0][0])
            if not np.isclose(best, float(vector @ vector), atol=1e-3):
                yield Finding(Code.INDEX_DIFFERS, f"{space.value} vector of image {id_}", None, id_)


def _make_thumbnail(
    store: Store, record: ImageRecord, roots: dict[int, bytes], decoder: LocalDecoder
) -> int:
    try:
        with original(record, roots)[0] as file:
            decoded = decoder.decode(file.read(), [], uri=f"image {record.id}")
    except (ImageError, NotFoundError, OSError):
        return 0
    store.thumbnails.put(record.content_hash, decoded.thumbnail)
    return 1
