"""What is written about the images of a library, in memory and in step with the store.

One array holds the words of all images as numbers (search/store/documents.py). A word is found by
comparing the array with its number, a pair of Chinese characters or a phrase by comparing
neighbours: some 2 ms for 100,000 images.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .fulltext import Field
from .records import Ids, WordChanges
from .store import Store

Ints = NDArray[np.int64]
LENGTHS = len(Field) + 1  # one more than the highest number of a field


@dataclass(frozen=True)
class Written:
    """One state; it never changes. Images are known by their places in `ids`, which rise."""

    revision: int
    ids: Ids
    lengths: Ints  # of each image, how many of `words` are its own
    words: NDArray[np.int32]  # text after text, each begun by its field below 0

    @cached_property
    def starts(self) -> Ints:
        """Of each image, where its words begin; and the end."""
        return np.concatenate([[0], np.cumsum(self.lengths)])

    @cached_property
    def texts(self) -> Ints:
        """Where each text begins, at its field."""
        return np.flatnonzero(self.words < 0)

    @cached_property
    def fields(self) -> Ints:
        """Of each text."""
        return -self.words[self.texts].astype(np.int64)

    @cached_property
    def text_lengths(self) -> Ints:
        """In words."""
        return np.diff(np.append(self.texts, len(self.words))) - 1

    @cached_property
    def usual_lengths(self) -> NDArray[np.float64]:
        """By field: the mean of its texts."""
        counts = np.bincount(self.fields, minlength=LENGTHS)
        sums = np.bincount(self.fields, self.text_lengths, minlength=LENGTHS)
        return np.maximum(sums, 1) / np.maximum(counts, 1)

    def occurrences(self, numbers: Sequence[int]) -> Ints:
        """Places in `words` where these begin, one behind the other in one text."""
        found = np.flatnonzero(self.words == numbers[0])
        for step, number in enumerate(numbers[1:], 1):
            found = found[found + step < len(self.words)]
            found = found[self.words[found + step] == number]
        return found

    def images_at(self, places: Ints) -> Ints:
        return np.searchsorted(self.starts, places, "right") - 1

    def texts_at(self, places: Ints) -> Ints:
        return np.searchsorted(self.texts, places, "right") - 1

    def of(self, image: int) -> Written:
        """That of one image."""
        begin, end = self.starts[image : image + 2]
        some = slice(image, image + 1)
        return Written(self.revision, self.ids[some], self.lengths[some], self.words[begin:end])

    def after(self, changes: WordChanges) -> Written:
        """The state that these changes lead to."""
        gone = np.isin(self.ids, np.union1d(changes.stale, changes.ids))
        kept = ~np.repeat(gone, self.lengths)
        ids = np.concatenate([self.ids[~gone], changes.ids])
        lengths = np.concatenate([self.lengths[~gone], changes.lengths])
        words = np.concatenate([self.words[kept], changes.words])
        if len(ids) > 1 and (np.diff(ids) < 0).any():
            order = np.argsort(ids, kind="stable")
            starts = (np.cumsum(lengths) - lengths)[order]
            ids, lengths = ids[order], lengths[order]
            shifts = starts - (np.cumsum(lengths) - lengths)
            words = words[np.repeat(shifts, lengths) + np.arange(len(words))]
        return Written(changes.revision, ids, lengths, words)


NOTHING = Written(0, np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int32))


class WrittenFollower:
    """Follows one library; safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = NOTHING
        self._lock = threading.Lock()

    def now(self) -> Written:
        """As it is, or a moment ago."""
        if self._store.revision() == self._now.revision:
            return self._now
        with self._lock:
            changes = self._store.words.changes(self._now.revision)
            if changes.revision != self._now.revision:
                self._now = self._now.after(changes)
            return self._now

    def numbers(self, words: Sequence[str]) -> dict[str, int]:
        """Of those of `words` that the library knows."""
        return self._store.words.numbers(words)
