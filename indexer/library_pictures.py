"""Images of the library, decoded again from their files: for another model or another language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from search.details import ANOTHER
from search.errors import Reason
from search.records import DecodedImage, Failure, ImageRecord, Location, Preprocessing
from search.settings import Settings
from search.store import Store

from .interfaces import Reader
from .prefetch import batches
from .reading import Outcome, Task

Unread = tuple[Location, Failure]  # a place, and why its file cannot be read


@dataclass(slots=True)
class Reread:
    """What became of some images; `tried` of a whole run add up to all of them."""

    tried: int = 0
    same: list[tuple[ImageRecord, DecodedImage]] = field(default_factory=list)  # as indexed
    unread: list[Unread] = field(default_factory=list)  # the last place of each of the others


def reread(
    store: Store,
    ids: Iterable[int],
    reader: Reader,
    wanted: tuple[Preprocessing, ...],
    settings: Settings,
) -> Iterator[Reread]:
    """Images in batches, each from the first of its places that still holds what was indexed.

    A file that is gone or has changed since is left for `sync`.
    """
    asked, place, tried = _Counted(ids), 0, 0
    left: Iterable[int] | None = asked
    while left:
        again: list[int] = []
        outcomes = reader.results(_tasks(store, left, place, wanted, settings.commit_images))
        for batch in batches(outcomes, settings.commit_images, settings.commit_seconds):
            sorted_out = _sort_out(store, batch, place, again)
            tried += sorted_out.tried
            yield sorted_out
        left, place = again, place + 1
    if tried < asked.count:
        yield Reread(asked.count - tried)  # they have no place, or went meanwhile


class _Counted:
    """Numbers that come one by one, and how many came."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = numbers
        self.count = 0

    def __iter__(self) -> Iterator[int]:
        for number in self._numbers:
            self.count += 1
            yield number


def _tasks(
    store: Store, ids: Iterable[int], place: int, wanted: tuple[Preprocessing, ...], at_once: int
) -> Iterator[Task]:
    """The file at the place of that number, of every image that has so many."""
    left = iter(ids)
    while some := list(islice(left, at_once)):
        for record in store.images.get(some).values():
            if place < len(record.locations):
                yield Task(record.id, record.locations[place].absolute, wanted, follow=True)


def _sort_out(store: Store, batch: Sequence[Outcome], place: int, again: list[int]) -> Reread:
    """Ids of images that have a further place to look at go into `again`."""
    records = store.images.get([outcome.task.index for outcome in batch])
    made = Reread()
    for outcome in batch:
        record = records.get(outcome.task.index)
        if record and outcome.image and outcome.content_hash == record.content_hash:
            made.same.append((record, outcome.image))
        elif record and place + 1 < len(record.locations):
            again.append(record.id)
            continue
        elif record:
            made.unread += _unread(record, outcome)
        made.tried += 1
    return made


def _unread(record: ImageRecord, outcome: Outcome) -> Iterator[Unread]:
    """With no stamp: the next scan of its folder looks at it again."""
    path = outcome.task.path
    why = Failure(path, Reason.VANISHED, ANOTHER)
    if outcome.reason:
        why = Failure(path, outcome.reason, outcome.detail)
    return ((place, why) for place in record.locations if place.absolute == path)
