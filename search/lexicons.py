"""What the reader of lines knows of this library and its model, kept in step with both."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from .language import Lexicon
from .language.synonyms import FILE, read_synonyms
from .records import Caption

KEPT_SECONDS = 60  # although the library has changed: an ingest changes it all the time

_WORD = re.compile(r"[a-z]{3,}")


class Lexicons:
    """The words are gathered once a model and revision, and not every second; names and synonyms
    are those of this moment. Safe to share between threads."""

    def __init__(
        self,
        folder: Path,
        captions: Callable[[], Sequence[Caption]],
        names: Callable[[], Mapping[str, Sequence[str]]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`captions`: those of a sample; `names`: those that the library has, by filter."""
        self._synonyms_file = folder / FILE
        self._captions = captions
        self._names = names
        self._clock = clock
        self._lock = threading.Lock()
        self._key: tuple[int, str] | None = None
        self._gathered_at = 0.0
        self._words: Mapping[str, int] = {}
        self._synonyms: tuple[object, Mapping[str, Sequence[str]]] = (None, {})

    def at(self, revision: int, model: str, taught: Callable[[], Iterable[str]]) -> Lexicon:
        """`model`: the fingerprint of the one that answers; `taught`: the words of its text tower,
        the most common first."""
        names = self._names()
        with self._lock:
            return Lexicon(self._words_at((revision, model), taught), names, self._said())

    def _words_at(
        self, key: tuple[int, str], taught: Callable[[], Iterable[str]]
    ) -> Mapping[str, int]:
        old = self._clock() >= self._gathered_at + KEPT_SECONDS
        other_model = self._key is None or self._key[1] != key[1]
        if other_model or (old and key != self._key):
            self._words = _gathered(taught(), (caption.text for caption in self._captions()))
            self._key, self._gathered_at = key, self._clock()
        return self._words

    def _said(self) -> Mapping[str, Sequence[str]]:
        """The file is read again where it has changed; one that cannot be read says nothing."""
        try:
            stamp = self._synonyms_file.stat().st_mtime_ns
            if stamp != self._synonyms[0]:
                self._synonyms = stamp, read_synonyms(self._synonyms_file.read_text("utf-8-sig"))
        except (OSError, ValueError):
            self._synonyms = None, {}
        return self._synonyms[1]


def _gathered(taught: Iterable[str], captions: Iterable[str]) -> Mapping[str, int]:
    """Each word with how common it is: any of the library's before those of the model alone.

    Where the model cannot say what it was taught, none: its own words would pass for typos.
    """
    ordered = list(taught)
    if not ordered:
        return {}
    common = {word: len(ordered) - place for place, word in enumerate(ordered)}
    for word, count in Counter(_WORD.findall(" ".join(captions).lower())).items():
        common[word] = common.get(word, 0) + count * len(ordered)
    return common
