"""What the reader of lines knows of this library and its model, kept in step with both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from .language import Lexicon
from .language.synonyms import FILE, read_synonyms


class Lexicons:
    """Names, words and synonyms of the library are those of this moment, the model's words are read
    once. Safe to share between threads."""

    def __init__(
        self,
        folder: Path,
        names: Callable[[], Mapping[str, Sequence[str]]],
        written: Callable[[Sequence[str]], Collection[str]],
    ) -> None:
        """`names`: those that the library has, by filter; `written`: which of some words stand
        anywhere in it."""
        self._synonyms_file = folder / FILE
        self._names = names
        self._written = written
        self._lock = threading.Lock()
        self._model = ""
        self._taught: Mapping[str, int] = {}
        self._synonyms: tuple[object, Mapping[str, Sequence[str]]] = (None, {})

    def of(self, model: str, vocabulary: Callable[[], Sequence[str]]) -> Lexicon:
        """`model`: the fingerprint of the one that answers; `vocabulary`: what its text tower was
        taught, the most common words first."""
        names = self._names()
        with self._lock:
            if model != self._model:
                words = vocabulary()
                self._taught = {word: len(words) - place for place, word in enumerate(words)}
                self._model = model
            return Lexicon(self._taught, self._written, names, self._said())

    def _said(self) -> Mapping[str, Sequence[str]]:
        """The file is read again where it has changed; one that cannot be read says nothing."""
        try:
            stamp = self._synonyms_file.stat().st_mtime_ns
            if stamp != self._synonyms[0]:
                self._synonyms = stamp, read_synonyms(self._synonyms_file.read_text("utf-8-sig"))
        except (OSError, ValueError):
            self._synonyms = None, {}
        return self._synonyms[1]
