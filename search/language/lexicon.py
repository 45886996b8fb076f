"""What a reader knows of a library and its model: words, names, synonyms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field


def _nothing(words: Sequence[str]) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Empty, as it is by default, no word is corrected or said in another way."""

    taught: Mapping[str, int] = field(default_factory=dict)  # the model's; how common each is
    written: Callable[[Sequence[str]], Collection[str]] = _nothing  # those of these in the library
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)  # the library's, by filter
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def knows(self, word: str) -> bool:
        low = word.casefold()
        return low in self.taught or bool(self.written([low]))

    def most_common(self, words: Collection[str], beginning: str) -> str | None:
        """Of those that it knows: one with this beginning before others, then one of the library,
        then what the model was taught most often."""
        here = set(self.written(sorted(words)))
        known = here.union(word for word in words if word in self.taught)

        def common(word: str) -> tuple[bool, bool, int, str]:
            return word.startswith(beginning), word in here, self.taught.get(word, 0), word

        return max(known, key=common, default=None)


NOTHING = Lexicon()
