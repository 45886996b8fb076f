"""Queries by rule, from what test sets say of their pictures.

A picture of a labelled set shows its label; one of a captioned set shows what two of its captions
name. What a set shows without saying so counts as wrong, so precisions are lower bounds.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from evaluation.testsets import Question, Testset
from search.tags import vocabulary

from .vocabulary import ABSTRACT, AMBIGUOUS, ANYWHERE, GENERAL, IMPOSSIBLE, RARE, General

FEWEST = 3  # pictures that a query should find
FEWEST_GENERAL = 10
MOST = 60  # queries of a kind
AGREED = 2  # captions that name a thing that is there


def labels(testset: Testset, language: str) -> list[Question]:
    """Each label by its bare name; of captions, single nouns that pictures are often tagged with
    (in English)."""
    if testset.captioned:
        return _things(testset) if language == "en" else []
    named = testset.by_label(language)
    return [Question(text, right) for text, right in named.items() if len(right) >= FEWEST]


def general(testset: Testset, language: str) -> list[Question]:
    """Words for what several labels have in common."""
    asked = [(_said((word.en, word.zh), language), _showing(testset, word)) for word in GENERAL]
    return [Question(text, right) for text, right in asked if len(right) >= FEWEST_GENERAL]


def absent(
    testset: Testset, others: Iterable[Testset], language: str, most: int = MOST
) -> list[str]:
    """Labels of other sets that this one does not show."""
    pairs = {
        (str(row["label"]), row.get("label_zh"))
        for other in others
        if not other.captioned
        for row in other.rows
        if row.get("label")
    }
    left = [pair for pair in pairs if not ANYWHERE.covers(pair[0]) and not shows(testset, pair[0])]
    return _some([text for en, zh in left if (text := en if language == "en" else zh)], most)


def rare(testset: Testset, language: str, things: Sequence[tuple[str, str]] = RARE) -> list[str]:
    """Things that hardly any collection shows."""
    return [_said(pair, language) for pair in things if not shows(testset, pair[0])]


def abstract(language: str) -> list[str]:
    """What no picture can show."""
    return [_said(pair, language) for pair in ABSTRACT]


def nonsense(language: str, count: int = 24, seed: int = 12) -> list[str]:
    """Strings that mean nothing: letters, neighbours on the keyboard, digits, repetitions."""
    chance = np.random.default_rng(seed)
    keyboard = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
    hanzi = "龘靐啊哦嗯呃咦噢哼囧槑"
    made = []
    for number in range(count):
        length = int(chance.integers(5, 10))
        row = keyboard[number % 4]
        if language == "zh":
            kinds = (hanzi[number % len(hanzi)] * (length - 3), _drawn(chance, hanzi, length - 4))
            made.append(kinds[number % 2])
        elif number % 2:
            start = int(chance.integers(len(row)))
            made.append((row * 2)[start : start + length])
        else:
            made.append(_drawn(chance, "bcdfghjklmnpqrstvwxz0123456789", length))
    return sorted(set(made))


def impossible(testset: Testset, language: str) -> list[str]:
    """Things of this set as nobody has seen them."""
    kinds = [word for word in GENERAL if word.en in ("fruit", "animal", "musical instrument")]
    if testset.captioned:
        zh = {word.en: word.zh for word in GENERAL}
        things = [(word, zh[word]) for word in ("dog", "bird", "boat", "child")]
    else:
        rows = {(str(row.get("label")), str(row.get("label_zh"))) for row in testset.rows}
        things = sorted(row for row in rows if any(kind.covers(row[0]) for kind in kinds))
    some = [pair for pair in things if pair[0] in set(_some([en for en, _ in things], 8))]
    return [
        _said(frame, language).format(_said(one, language)) for one in some for frame in IMPOSSIBLE
    ]


def shows(testset: Testset, thing: str) -> bool:
    """Whether a label ends in the same word, or any caption has all words of it."""
    words = thing.lower().split()
    last = {str(row["label"]).lower().split()[-1] for row in testset.rows if row.get("label")}
    return words[-1] in last or any(
        set(words) <= said for told in _captions(testset) for said in told
    )


def _things(testset: Testset) -> list[Question]:
    single = dict.fromkeys(word for word in vocabulary() if re.fullmatch("[a-z]+", word))
    asked = [Question(word, _showing(testset, General("", "", (word,)))) for word in single]
    return [one for one in asked if len(one.right) >= FEWEST_GENERAL]


def _showing(testset: Testset, word: General) -> frozenset[int]:
    """Pictures whose label it covers, or of which enough captions have one of its names, in
    singular or plural."""
    names = set(word.names).difference(AMBIGUOUS)
    forms = {form for name in names for form in (name, f"{name}s", f"{name}es")}
    return frozenset(
        number
        for number, (row, told) in enumerate(zip(testset.rows, _captions(testset), strict=True))
        if word.covers(str(row.get("label"))) or sum(bool(forms & one) for one in told) >= AGREED
    )


@lru_cache(8)
def _captions(testset: Testset) -> list[list[set[str]]]:
    """The words of each caption of each picture."""
    return [
        [set(re.findall(r"[a-z]+", caption.lower())) for caption in row.get("captions") or []]
        for row in testset.rows
    ]


def _some(texts: Sequence[str], most: int = MOST) -> list[str]:
    """At most so many, the same ones on every machine."""
    different = Counter(texts)
    by_hash = sorted(different, key=lambda text: hashlib.sha1(text.encode()).hexdigest())
    return sorted(by_hash[:most])


def _said(pair: tuple[str, str], language: str) -> str:
    return pair[0] if language == "en" else pair[1]


def _drawn(chance: np.random.Generator, alphabet: str, length: int) -> str:
    return "".join(alphabet[int(place)] for place in chance.integers(len(alphabet), size=length))
