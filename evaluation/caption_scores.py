"""How near a machine's caption is to what people wrote: BLEU-4, CIDEr-D, and the label by name.

BLEU: Papineni et al. 2002 (one figure for the corpus, closest reference length). CIDEr-D: Vedantam
et al. 2015, as COCO's toolkit computes it but for the stemming. English is cut into words,
Chinese into characters.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

LONGEST = 4  # words in an n-gram
SIGMA = 6.0  # CIDEr-D's tolerance for another length

Gram = tuple[str, ...]
Words = Sequence[str]


def cut(text: str) -> list[str]:
    """Lower-cased words; every Chinese character is one; punctuation is none."""
    return re.findall(r"[\u4e00-\u9fff]|[^\W_\u4e00-\u9fff]+(?:'\w+)?", text.lower())


def bleu4(captions: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """0 to 1, over all captions together; 0 where no four words in a row are anybody's."""
    written = [cut(caption) for caption in captions]
    told = [[cut(reference) for reference in group] for group in references]
    shares = [_matching(written, told, n) for n in range(1, LONGEST + 1)]
    if not all(found for found, _ in shares):
        return 0.0
    length = sum(map(len, written))
    nearest = sum(_nearest_length(w, group) for w, group in zip(written, told, strict=True))
    brevity = min(0.0, 1 - nearest / length)
    return math.exp(brevity + sum(math.log(found / all_) for found, all_ in shares) / LONGEST)


def cider(captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[float]:
    """One score a caption, 0 to 10; words that every picture's people write count little."""
    written = [grams(cut(caption)) for caption in captions]
    told = [[grams(cut(reference)) for reference in group] for group in references]
    seen = Counter(gram for group in told for gram in set().union(*group))
    rarity = {gram: math.log(len(told) / count) for gram, count in seen.items()}
    unseen = math.log(max(1, len(told)))
    return [
        _mean([_likeness(w, reference, rarity, unseen) for reference in group])
        for w, group in zip(written, told, strict=True)
    ]


def names(label: str, caption: str) -> bool:
    """Whether the caption says the label, word by word."""
    said, wanted = cut(caption), cut(label.replace("_", " "))
    places = range(len(said) - len(wanted) + 1)
    return bool(wanted) and any(said[i : i + len(wanted)] == wanted for i in places)


def grams(words: Words) -> Counter[Gram]:
    """All runs of one to four words."""
    return Counter(
        tuple(words[i : i + n]) for n in range(1, LONGEST + 1) for i in range(len(words) - n + 1)
    )


def _matching(written: Sequence[Words], told: Sequence[Sequence[Words]], n: int) -> tuple[int, int]:
    """n-grams that a reference has too, each as often as one reference has it; and all of them."""
    found = total = 0
    for words, group in zip(written, told, strict=True):
        mine = _only(grams(words), n)
        most: Counter[Gram] = Counter()
        for reference in group:
            most |= _only(grams(reference), n)
        found += sum((mine & most).values())
        total += sum(mine.values())
    return found, total


def _only(counts: Counter[Gram], n: int) -> Counter[Gram]:
    return Counter({gram: count for gram, count in counts.items() if len(gram) == n})


def _nearest_length(words: Words, group: Sequence[Words]) -> int:
    return min((abs(len(r) - len(words)), len(r)) for r in group)[1] if group else 0


def _likeness(
    mine: Counter[Gram], theirs: Counter[Gram], rarity: dict[Gram, float], unseen: float
) -> float:
    """CIDEr-D of one caption and one reference: cosines of n-gram weights, n = 1 to 4."""
    apart = sum(c for g, c in mine.items() if len(g) == 1)
    apart -= sum(c for g, c in theirs.items() if len(g) == 1)
    cosines = [
        _cosine(_weighted(mine, n, rarity, unseen), _weighted(theirs, n, rarity, unseen))
        for n in range(1, LONGEST + 1)
    ]
    return 10 * _mean(cosines) * math.exp(-(apart**2) / (2 * SIGMA**2))


def _weighted(
    counts: Counter[Gram], n: int, rarity: dict[Gram, float], unseen: float
) -> dict[Gram, float]:
    return {g: c * rarity.get(g, unseen) for g, c in counts.items() if len(g) == n}


def _cosine(mine: dict[Gram, float], theirs: dict[Gram, float]) -> float:
    """A word that is said too often counts as often as the reference says it."""
    product = sum(min(weight, theirs[g]) * theirs[g] for g, weight in mine.items() if g in theirs)
    norms = math.hypot(*mine.values()) * math.hypot(*theirs.values())
    return product / norms if norms else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
