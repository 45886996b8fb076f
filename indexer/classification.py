"""Pictures that need not be in the library, each by the label that says what it shows.

Nothing is written: what the library knows as it is on the disk has its vector already, the rest is
decoded and embedded and forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from search.details import NO_VECTOR
from search.errors import Reason
from search.model import Model
from search.records import Failure, RankedText, Space, Vectors
from search.settings import Settings
from search.store import Store
from search.zeroshot import Classes

from .embedding import Towers
from .interfaces import Reader
from .loose_pictures import LoosePicture
from .prefetch import batches
from .reading import Outcome, Task

AT_ONCE = 1024  # stored vectors judged together


@dataclass(frozen=True, slots=True)
class Classified:
    path: bytes  # absolute
    image_id: int | None  # of those that the library has
    label: RankedText | None  # None: it shows none of them


def classify(
    store: Store,
    model: Model,
    classes: Classes,
    pictures: Sequence[LoosePicture],
    reader: Reader,
    settings: Settings,
) -> Iterator[list[Classified | Failure]]:
    """Some at a time, those of the library first."""
    stored = stored_images(store, model, pictures)
    known = [picture.path for picture in pictures if picture.path in stored]
    for start in range(0, len(known), AT_ONCE):
        some = {path: stored[path] for path in known[start : start + AT_ONCE]}
        vectors = model.followers[Space.IMAGE].index.vectors(np.array([*some.values()], np.int64))
        yield [*_judged(classes, some, vectors)]
    others = [picture for picture in pictures if picture.path not in stored]
    if others:
        towers = Towers(model.encoder, None, batch_size=settings.batch_size)
        tasks = (Task(n, each.path, towers.wanted, each.named) for n, each in enumerate(others))
        outcomes = reader.results(tasks)
        for batch in batches(outcomes, settings.commit_images, settings.commit_seconds):
            yield [*_embedded(classes, towers, batch)]


def stored_images(store: Store, model: Model, pictures: Sequence[LoosePicture]) -> dict[bytes, int]:
    """Path -> image of those whose file is as it was when it was indexed."""
    wanted = {picture.path: picture.stamp for picture in pictures}
    indexed = set(model.followers[Space.IMAGE].index.ids().tolist())
    found: dict[bytes, int] = {}
    for root in store.roots.all():
        below = root.path.rstrip(b"/") + b"/"
        if not any(path.startswith(below) for path in wanted):
            continue
        for relative, known in store.files.known(root).items():
            path = below + relative
            if wanted.get(path) == known.stamp and known.image_id in indexed:
                found[path] = known.image_id
    return found


def _judged(
    classes: Classes, pictures: dict[bytes, int] | dict[bytes, None], vectors: Vectors
) -> Iterator[Classified]:
    for (path, image_id), label in zip(pictures.items(), classes.chosen(vectors), strict=True):
        yield Classified(path, image_id, label)


def _embedded(
    classes: Classes, towers: Towers, batch: Sequence[Outcome]
) -> Iterator[Classified | Failure]:
    vectors: dict[bytes, Vectors] = {}
    read = {outcome.task.path: outcome.image for outcome in batch if outcome.image}
    for path, made in zip(read, towers.embed([*read.values()]), strict=True):
        if made:
            vectors[path] = made.image_vector
        else:
            yield Failure(path, Reason.DECODER_CRASH, NO_VECTOR)
    if vectors:
        yield from _judged(classes, dict.fromkeys(vectors), np.stack([*vectors.values()]))
    for outcome in batch:
        if outcome.reason:
            yield Failure(outcome.task.path, outcome.reason, outcome.detail)
