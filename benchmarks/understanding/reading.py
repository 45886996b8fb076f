"""Does it matter how a thing is asked for? Each label with typos, in the plural, in a frame...

Every line is asked twice: its words as they stand ("plain"), and read by the query language.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from string import ascii_lowercase

from evaluation.metrics import average_precision
from evaluation.queries import FEWEST, FEWEST_GENERAL, labels
from evaluation.testsets import Question, Testset
from evaluation.vocabulary import GENERAL
from search.language import Line
from search.query import Query
from training.sentences import plural

from .case import Case
from .figures import Figure, Place

FEWEST_LETTERS = 4  # of a word that gets a typo
FIRST = 10  # hits that are looked at for what was not wanted

Saying = Callable[[str], str | None]  # a label -> the line; None where it cannot be said so


def typo(text: str) -> str | None:
    """One letter too few, too many, wrong or in the wrong place: the same one each time."""
    chance = random.Random(text)
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) >= FEWEST_LETTERS]
    if not long:
        return None
    place = chance.choice(long)
    word = words[place]
    at = chance.randrange(1, len(word) - 1)
    letter = chance.choice(ascii_lowercase)
    words[place] = chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )
    return " ".join(words) if words != text.split() else None


def traditional(text: str) -> str | None:
    """None where it is written the same in both."""
    from opencc import OpenCC

    written: str = OpenCC("s2t").convert(text)
    return written if written != text else None


def emoji_of(text: str) -> str | None:
    """That which has the label for its name."""
    return _emoji().get(text)


@cache
def _emoji() -> Mapping[str, str]:
    import emoji

    named = {sign: data["en"].strip(":") for sign, data in emoji.EMOJI_DATA.items()}
    return {name.replace("_", " ").removesuffix(" face"): sign for sign, name in named.items()}


ENGLISH: Mapping[str, Saying] = {
    "as it is": str,
    "one typo": typo,
    "plural": plural,
    "X!!!": "{}!!!".format,
    "UPPER CASE": str.upper,
    "show me X please": "show me {} please".format,
    "I want to find": "I want to find pictures of {}".format,
    "emoji": emoji_of,
}
CHINESE: Mapping[str, Saying] = {
    "as it is": str,
    "我想找X的图片": "我想找{}的图片".format,
    "请给我看X": "请给我看{}！".format,
    "traditional": traditional,
}

NEGATIVES = {
    "en": ("{0}", "{0} -{1}", "{0}, not {1}", "{0} but no {1}", "{0} without {1}, please"),
    "zh": ("{0}", "{0} -{1}", "{0}，不要{1}", "没有{1}的{0}", "除了{1}以外的{0}"),
}


def figures(case: Case) -> Iterator[Figure]:
    if case.testset.captioned:
        return
    for language, sayings in (("en", ENGLISH), ("zh", CHINESE)):
        asked = labels(case.testset, language)
        for name, saying in sayings.items():
            said = [(line, one) for one in asked if (line := saying(one.text))]
            yield from _precision(case, f"{language} {name}", said)
        yield from _negatives(case, language)


def _precision(case: Case, name: str, said: Sequence[tuple[str, Question]]) -> Iterator[Figure]:
    if not said:
        return
    for how, plain in (("plain", True), ("read", False)):
        values = [
            average_precision(case.ranked(read(case, line, plain=plain), one.right), one.right)
            for line, one in said
        ]
        yield Place(case.name, "reading", f"{name}: {how}").mean("mAP", values)


def read(case: Case, line: str, *, plain: bool = False) -> Query:
    return case.engine.read(Line(line, plain=plain), Query()).within(Query())


def _negatives(case: Case, language: str) -> Iterator[Figure]:
    """Of a wider word without its most frequent label: how much of the first page shows that label
    all the same, and how much of it shows others of the kind."""
    pairs = list(_pairs(case.testset, language))
    for saying in NEGATIVES[language] if pairs else ():
        for how, plain in (("plain", True), ("read", False)):
            place = Place(case.name, "reading", f"{language} {saying.format('X', 'Y')}: {how}")
            unwanted, wanted = [], []
            for wide, label, others, its in pairs:
                asked = read(case, saying.format(wide, label), plain=plain)
                first = set(case.first(asked, FIRST))
                unwanted.append(len(first & its) / FIRST)
                wanted.append(len(first & others) / FIRST)
            yield place.mean("unwanted", unwanted)
            yield place.mean("wanted", wanted)


def _pairs(
    testset: Testset, language: str
) -> Iterator[tuple[str, str, AbstractSet[int], AbstractSet[int]]]:
    """A wider word, a label of it, the pictures of its other labels, and those of this label."""
    by_label = testset.by_label("en")
    said = {str(row.get("label")): str(row.get("label_zh")) for row in testset.rows}
    for word in GENERAL:
        covered = {label: rows for label, rows in by_label.items() if word.covers(label)}
        most = max(covered, key=lambda label: len(covered[label]), default=None)
        if most is None or most == word.en or len(covered[most]) < FEWEST:
            continue
        wanted = frozenset().union(*(rows for label, rows in covered.items() if label != most))
        if len(wanted) >= FEWEST_GENERAL:
            names = (word.en, most) if language == "en" else (word.zh, said[most])
            yield *names, wanted, covered[most]
