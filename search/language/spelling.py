"""Words with one typo, by the words that the library and the model know.

A word that either knows is never touched. One letter too many, too few, wrong, or two swapped is
a typo; of several words that are so near the most common one was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase

from .lexicon import Lexicon

SHORTEST = 5  # letters; most shorter words are near to some other word

_WORD = re.compile(r"(?<![\w'.:@/-])[A-Za-z]+(?![\w':@/-]|\.\w)")


@dataclass(frozen=True, slots=True)
class Correction:
    """What stood in the line, and what is searched for instead."""

    typed: str
    used: str


@dataclass(frozen=True, slots=True)
class Spelled:
    text: str
    corrections: tuple[Correction, ...] = ()
    unknown: tuple[str, ...] = ()  # words that nobody here knows, nor any that is near


def spelled(text: str, lexicon: Lexicon) -> Spelled:
    """The text with known words in the place of typos; as it is where the model cannot say what it
    was taught: its own words would pass for typos."""
    if not lexicon.taught:
        return Spelled(text)
    corrections: list[Correction] = []
    unknown: list[str] = []

    def written(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < SHORTEST or _is_known(word, lexicon):
            return word
        nearest = _nearest(word.lower(), lexicon)
        if nearest is None:
            unknown.append(word)
            return word
        corrections.append(Correction(word, nearest))
        return nearest

    return Spelled(_WORD.sub(written, text), tuple(corrections), tuple(unknown))


def _is_known(word: str, lexicon: Lexicon) -> bool:
    """Itself, or what it is a form of."""
    low = word.lower()
    stems = (low.removesuffix(ending) for ending in ("s", "es", "ed", "ing", "ly", "er"))
    return lexicon.knows(low) or any(stem != low and lexicon.knows(stem) for stem in stems)


def _nearest(word: str, lexicon: Lexicon) -> str | None:
    """The first letter is seldom the wrong one."""
    return lexicon.most_common(set(_edits(word)), word[0])


def _edits(word: str) -> Iterator[str]:
    """All that one typo may have made this word of."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        yield from (head + letter + tail for letter in ascii_lowercase)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in ascii_lowercase)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
