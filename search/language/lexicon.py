"""What a reader knows of a library and its model: words, names, synonyms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Empty, as it is by default, no word is corrected or said in another way."""

    words: Mapping[str, int] = field(default_factory=dict)  # known ones, and how common each is
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)  # the library's, by filter
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def knows(self, word: str) -> bool:
        return word.casefold() in self.words


NOTHING = Lexicon()
